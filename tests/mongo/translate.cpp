#define CAF_SUITE mongo_translate

#include "moor/mongo/translate.hpp"

#include <string>

#include <caf/test/unit_test.hpp>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/server_codes.hpp"
#include "moor/mongo/use.hpp"

using namespace moor;
using namespace moor::mongo;

namespace {

bson_error_t error_of(int domain, int code, const char* message) {
  bson_error_t result{};
  bson_set_error(&result, static_cast<std::uint32_t>(domain), static_cast<std::uint32_t>(code),
                 "%s", message);
  return result;
}

circumstances seen(bool establishing, io_fault fault = io_fault::none) {
  return {
    establishing, {fault, fault == io_fault::none ? "" : "db:1 is in trouble"}, nullptr, nullptr};
}

struct expectation {
  int domain;
  int code;
  const char* message;
  io_fault network;
  errc establishing;
  spoils reach_establishing;
  errc operating;
  spoils reach_operating;
};

constexpr auto none = io_fault::none;
constexpr auto closed = io_fault::closed;
constexpr auto timed_out = io_fault::timed_out;
constexpr auto interrupted = io_fault::interrupted;

constexpr auto selection = MONGOC_ERROR_SERVER_SELECTION;
constexpr auto selection_failure = MONGOC_ERROR_SERVER_SELECTION_FAILURE;
constexpr auto socket_code = MONGOC_ERROR_STREAM_SOCKET;
constexpr auto authenticate = MONGOC_ERROR_CLIENT_AUTHENTICATE;

const expectation expectations[] = {
  // The network, as the sockets saw it.
  {MONGOC_ERROR_STREAM, socket_code, "socket error or timeout", closed, errc::connect_failed,
   spoils::connection, errc::connection_lost, spoils::generation},
  {MONGOC_ERROR_STREAM, socket_code, "socket error or timeout", timed_out, errc::connect_failed,
   spoils::connection, errc::operation_timeout, spoils::connection},
  {MONGOC_ERROR_STREAM, socket_code, "socket error or timeout", interrupted, errc::connect_failed,
   spoils::connection, errc::connection_lost, spoils::connection},
  {MONGOC_ERROR_STREAM, socket_code, "socket error or timeout", none, errc::connect_failed,
   spoils::connection, errc::connection_lost, spoils::connection},
  {MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_NAME_RESOLUTION, "Failed to look up", none,
   errc::connect_failed, spoils::connection, errc::connection_lost, spoils::connection},

  // No server.
  {selection, selection_failure, "No suitable servers found: [refused calling hello on 'db:1']",
   closed, errc::connect_failed, spoils::connection, errc::no_suitable_server, spoils::generation},
  {selection, selection_failure, "No suitable servers found: [timeout calling hello on 'db:1']",
   timed_out, errc::connect_failed, spoils::connection, errc::no_suitable_server,
   spoils::connection},
  {selection, selection_failure, "No suitable servers found: [timeout calling hello on 'db:1']",
   none, errc::connect_failed, spoils::connection, errc::no_suitable_server, spoils::connection},
  {selection, selection_failure, "No suitable servers found: [error calling hello on 'db:1']",
   interrupted, errc::connect_failed, spoils::connection, errc::connection_lost,
   spoils::connection},
  {selection, selection_failure, "No suitable servers found (`serverSelectionTryOnce` set)", none,
   errc::no_suitable_server, spoils::connection, errc::no_suitable_server, spoils::connection},
  {selection, selection_failure,
   "No suitable servers found: [Invalid reply from server. calling "
   "hello on 'db:1']",
   none, errc::connect_failed, spoils::connection, errc::connection_lost, spoils::connection},
  {selection, selection_failure, "No servers yet eligible for rescan", none, errc::connect_failed,
   spoils::connection, errc::no_suitable_server, spoils::connection},

  // Authentication, of which libmongoc keeps no code.
  {MONGOC_ERROR_CLIENT, authenticate, "Authentication failed.", none, errc::authentication_failed,
   spoils::generation, errc::authentication_failed, spoils::generation},
  {MONGOC_ERROR_CLIENT, authenticate, "bad auth : authentication failed", none,
   errc::authentication_failed, spoils::generation, errc::authentication_failed,
   spoils::generation},
  {MONGOC_ERROR_CLIENT, authenticate, "Unsupported mechanism SCRAM-SHA-1", none,
   errc::authentication_failed, spoils::generation, errc::authentication_failed,
   spoils::generation},
  {MONGOC_ERROR_CLIENT, authenticate, "Authentication failed.", closed, errc::connect_failed,
   spoils::connection, errc::connection_lost, spoils::generation},
  {MONGOC_ERROR_CLIENT, authenticate, "socket error or timeout", timed_out, errc::connect_failed,
   spoils::connection, errc::operation_timeout, spoils::connection},
  {MONGOC_ERROR_CLIENT, authenticate, "The server is in quiesce mode and will shut down", none,
   errc::server_state_changed, spoils::generation, errc::server_state_changed, spoils::generation},
  {MONGOC_ERROR_CLIENT, authenticate, "something else", none, errc::connect_failed,
   spoils::generation, errc::connection_lost, spoils::generation},
  {MONGOC_ERROR_SCRAM, MONGOC_ERROR_SCRAM_PROTOCOL_ERROR, "SCRAM Failure: invalid server signature",
   none, errc::authentication_failed, spoils::generation, errc::authentication_failed,
   spoils::generation},

  // Answers of the server.
  {MONGOC_ERROR_SERVER, 11000, "E11000 dup key { a: 1 }", none, errc::connect_failed,
   spoils::connection, errc::operation_failed, spoils::nothing},
  {MONGOC_ERROR_SERVER, 11000, "E11000 dup key { a: 1 }", closed, // of an earlier operation
   errc::connect_failed, spoils::connection, errc::operation_failed, spoils::nothing},
  {MONGOC_ERROR_QUERY, 2, "error API version 1", none, errc::connect_failed, spoils::connection,
   errc::operation_failed, spoils::nothing},
  {MONGOC_ERROR_WRITE_CONCERN, 64, "waiting for replication timed out", none, errc::connect_failed,
   spoils::connection, errc::operation_failed, spoils::nothing},
  {MONGOC_ERROR_WRITE_CONCERN, 91, "shutting down", none, errc::server_state_changed,
   spoils::generation, errc::server_state_changed, spoils::generation},
  {MONGOC_ERROR_SERVER, MONGOC_ERROR_QUERY_FAILURE, "not master", none, errc::server_state_changed,
   spoils::generation, errc::server_state_changed, spoils::generation},

  // libmongoc itself.
  {MONGOC_ERROR_COMMAND, MONGOC_ERROR_COMMAND_INVALID_ARG, "Invalid opts", none,
   errc::connect_failed, spoils::connection, errc::invalid_argument, spoils::nothing},
  {MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, "empty key", none, errc::connect_failed,
   spoils::connection, errc::invalid_argument, spoils::nothing},
  {MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_TOO_BIG, "too big", none, errc::connect_failed,
   spoils::connection, errc::invalid_argument, spoils::nothing},
  {MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_IN_EXHAUST, "in exhaust", none, errc::connect_failed,
   spoils::connection, errc::operation_failed, spoils::connection},
  {MONGOC_ERROR_PROTOCOL, MONGOC_ERROR_PROTOCOL_INVALID_REPLY, "Invalid reply from server.", none,
   errc::connect_failed, spoils::connection, errc::connection_lost, spoils::connection},
  {MONGOC_ERROR_PROTOCOL, MONGOC_ERROR_PROTOCOL_BAD_WIRE_VERSION, "too old", none,
   errc::connect_failed, spoils::connection, errc::connection_lost, spoils::connection},
  {MONGOC_ERROR_TRANSACTION, MONGOC_ERROR_TRANSACTION_INVALID_STATE, "No transaction started", none,
   errc::connect_failed, spoils::connection, errc::operation_failed, spoils::nothing},
  {MONGOC_ERROR_CURSOR, MONGOC_ERROR_CURSOR_INVALID_CURSOR, "invalid cursor", none,
   errc::connect_failed, spoils::connection, errc::operation_failed, spoils::nothing},
};

void check_outcome(const failure& got, errc code, spoils reach, const expectation& e) {
  CAF_MESSAGE("domain " << e.domain << ", code " << e.code << ", " << e.message);
  CAF_CHECK_EQUAL(to_string(got.code), to_string(code));
  CAF_CHECK(got.reach == reach);
  CAF_CHECK_EQUAL(got.driver_code, e.code);
  CAF_CHECK(!got.text.empty());
}

document parsed(std::string_view text) {
  return std::get<document>(from_json(text));
}

} // namespace

CAF_TEST(every kind of error has its code and its reach) {
  for (const auto& e : expectations) {
    const auto error = error_of(e.domain, e.code, e.message);
    check_outcome(translate(error, seen(true, e.network)), e.establishing, e.reach_establishing, e);
    check_outcome(translate(error, seen(false, e.network)), e.operating, e.reach_operating, e);
  }
}

CAF_TEST(a change of the server state spoils the generation) {
  for (const int code : {91, 189, 10058, 10107, 11600, 11602, 13435, 13436}) {
    const auto got = translate(error_of(MONGOC_ERROR_SERVER, code, "not primary"), {});
    CAF_CHECK(got.code == errc::server_state_changed);
    CAF_CHECK(got.reach == spoils::generation);
    CAF_CHECK_EQUAL(got.driver_code, code);
    const auto* known = find_server_code(code);
    CAF_REQUIRE(known != nullptr);
    CAF_CHECK_EQUAL(got.text, "the server answered with error " + std::to_string(code) + " ("
                                + std::string{known->name} + "): not primary");
  }
}

CAF_TEST(a refused hello is not taken for refused credentials) {
  const auto error = error_of(MONGOC_ERROR_CLIENT, authenticate, "Authentication failed.");
  const auto shutdown = parsed(R"({"ok": 0, "code": 91, "codeName": "ShutdownInProgress"})");
  const bson_view shutdown_view{shutdown};
  const auto odd = parsed(R"({"ok": 0, "code": 8, "errmsg": "secret"})");
  const bson_view odd_view{odd};
  for (const bool establishing : {true, false}) {
    auto circumstances = seen(establishing);
    circumstances.hello_refusal = shutdown_view.get();
    auto got = translate(error, circumstances);
    CAF_CHECK(got.code == errc::server_state_changed);
    CAF_CHECK(got.reach == spoils::generation);
    CAF_CHECK_EQUAL(got.driver_code, 91);
    CAF_CHECK_EQUAL(got.text,
                    "the server answered the handshake with error 91 (ShutdownInProgress)");
    circumstances.hello_refusal = odd_view.get();
    got = translate(error_of(selection, selection_failure, "No suitable servers"), circumstances);
    CAF_CHECK(got.code == (establishing ? errc::connect_failed : errc::no_suitable_server));
    CAF_CHECK(got.reach == spoils::generation);
    CAF_CHECK_EQUAL(got.text, "the server answered the handshake with error 8 (UnknownError)");
    got = translate(error_of(MONGOC_ERROR_SERVER, 11000, "dup"), circumstances);
    CAF_CHECK_EQUAL(got.driver_code, 11000);
  }
}

CAF_TEST(no value gets into a text) {
  const struct {
    int domain;
    int code;
    const char* message;
    const char* text;
  } cases[] = {
    {MONGOC_ERROR_SERVER, 11000, "E11000 duplicate key error dup key: { mail: \"secret\" }",
     "the server answered with error 11000 (DuplicateKey)"},
    {MONGOC_ERROR_SERVER, 13, "not authorized to execute command { find: \"secret\" }",
     "the server answered with error 13 (Unauthorized)"},
    {MONGOC_ERROR_SERVER, 4711, "unknown operator secret", "the server answered with error 4711"},
    {MONGOC_ERROR_SERVER, 26, "ns not found",
     "the server answered with error 26 (NamespaceNotFound): ns not found"},
    {MONGOC_ERROR_CLIENT, authenticate, "Authentication failed for secret",
     "the server refused the credentials: wrong password, unknown user or wrong authSource (a server "
     "does not say which)"},
    {MONGOC_ERROR_CLIENT, authenticate, "Unsupported mechanism secret",
     "the server does not offer the mechanism of authentication (authMechanism)"},
    {MONGOC_ERROR_CLIENT, authenticate, "Unknown authentication mechanism \"secret\".",
     "libmongoc does not support the mechanism of authentication (authMechanism)"},
    {selection, selection_failure,
     "No suitable servers found: [TLS handshake failed: error:0A000086:SSL routines::certificate "
     "verify failed calling hello on 'db:1']",
     "the server's certificate is not acceptable (TLS handshake failed: error:0A000086:SSL "
     "routines::certificate verify failed calling hello on 'db:1')"},
    {MONGOC_ERROR_CLIENT, authenticate, "odd secret",
     "authentication failed, but not because the credentials were refused"},
    {MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, "invalid document: key \"secret\"",
     "invalid document: key ***"},
    {MONGOC_ERROR_CURSOR, MONGOC_ERROR_CURSOR_INVALID_CURSOR, "odd 'secret'", "odd ***"},
  };
  for (const auto& c : cases)
    CAF_CHECK_EQUAL(translate(error_of(c.domain, c.code, c.message), {}).text, c.text);
}

CAF_TEST(names in a reply are repeated and nothing else of it) {
  const auto text_with = [](const document& reply) {
    const bson_view view{reply};
    circumstances all;
    all.reply = view.get();
    return translate(error_of(MONGOC_ERROR_SERVER, 4711, "secret"), all).text;
  };
  const std::string words = "the server answered with error 4711";
  CAF_CHECK_EQUAL(text_with(parsed(R"({"codeName": "Odd", "errorLabels": ["A", "B2"]})")),
                  words + " (Odd) [A] [B2]");
  CAF_CHECK_EQUAL(text_with(parsed(R"({"codeName": "a secret", "errorLabels": ["a secret", 1]})")),
                  words);
  CAF_CHECK_EQUAL(text_with(parsed(R"({"codeName": 1, "errorLabels": "secret"})")), words);
  const std::string long_name(65, 'x');
  CAF_CHECK_EQUAL(text_with(parsed(R"({"codeName": ")" + long_name + "\"}")), words);
}

CAF_TEST(what a server says of sending a command again) {
  const auto advice_with = [](const document& reply) {
    const bson_view view{reply};
    circumstances all;
    all.reply = view.get();
    return translate(error_of(MONGOC_ERROR_SERVER, 462, "odd"), all).advice;
  };
  auto said = advice_with(parsed(
    R"({"errorLabels": ["SystemOverloadedError", "RetryableError"], "baseBackoffMS": 250})"));
  CAF_CHECK(said.retryable && said.overloaded);
  CAF_CHECK(said.base_backoff == std::chrono::milliseconds{250});
  said = advice_with(parsed(R"({"errorLabels": ["RetryableWriteError"], "baseBackoffMS": -1})"));
  CAF_CHECK(said.retryable && !said.overloaded);
  CAF_CHECK(said.base_backoff == duration::zero());
  said = advice_with(parsed(R"({"errorLabels": "RetryableError", "baseBackoffMS": "1"})"));
  CAF_CHECK(!said.retryable && said.base_backoff == duration::zero());
  // Nobody is to be kept waiting by a number that cannot be meant.
  said = advice_with(parsed(R"({"baseBackoffMS": 9000000000000000000})"));
  CAF_CHECK(said.base_backoff == std::chrono::hours{1});
}

CAF_TEST(the words for a network error are those of the sockets) {
  const auto lost = error_of(MONGOC_ERROR_STREAM, socket_code, "Failed to send \"find\"");
  CAF_CHECK_EQUAL(translate(lost, seen(false, closed)).text, "db:1 is in trouble");
  const auto certificate = error_of(selection, selection_failure,
                                    "No suitable servers found: [TLS handshake failed: bad]");
  CAF_CHECK_EQUAL(translate(certificate, seen(true)).text, certificate.message);
}

CAF_TEST(an error that says nothing has a text all the same) {
  const bson_error_t nothing{};
  CAF_CHECK_EQUAL(translate(nothing, seen(true)).text,
                  "the server's answer to hello was not understood");
  CAF_CHECK_EQUAL(translate(nothing, seen(false)).text, "libmongoc gave no reason");
  const auto lost = error_of(MONGOC_ERROR_STREAM, socket_code, "");
  CAF_CHECK_EQUAL(translate(lost, seen(true)).text, "libmongoc gave no reason");
}

CAF_TEST(check throws what translate says) {
  const auto error = error_of(MONGOC_ERROR_SERVER, 11000, "dup");
  check(true, error);
  try {
    check(false, error);
    CAF_FAIL("nothing was thrown");
  } catch (const mongo::error& e) {
    CAF_CHECK(e.why().code == errc::operation_failed);
    CAF_CHECK_EQUAL(std::string{e.what()}, "the server answered with error 11000 (DuplicateKey)");
  }
}
