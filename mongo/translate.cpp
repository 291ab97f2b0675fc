#include "moor/mongo/translate.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "moor/mongo/handles.hpp"
#include "moor/mongo/server_codes.hpp"
#include "moor/mongo/without_values.hpp"

namespace moor::mongo {

namespace {

enum class fault : std::uint8_t {
  interrupted,
  silent,
  lost,
  unexplained, // a network error of which the sockets know nothing
  unreachable,
  no_server,
  server_state,
  hello_refused,
  credentials_refused,
  authentication_error,
  server_error,
  bad_argument,
  bad_reply,
  in_exhaust,
  other,
};

struct verdict {
  errc code;
  spoils reach;
};

struct row {
  fault what;
  verdict establishing;
  verdict operating;
};

constexpr auto nothing = spoils::nothing;
constexpr auto connection = spoils::connection;
constexpr auto generation = spoils::generation;

// In the order of the enum: all of moor's policy on errors.
constexpr std::array rows{
  row{fault::interrupted, {errc::connect_failed, connection}, {errc::connection_lost, connection}},
  row{fault::silent, {errc::connect_failed, connection}, {errc::operation_timeout, connection}},
  row{fault::lost, {errc::connect_failed, connection}, {errc::connection_lost, generation}},
  row{fault::unexplained, {errc::connect_failed, connection}, {errc::connection_lost, connection}},
  row{fault::unreachable, {errc::connect_failed, connection}, {errc::no_suitable_server, generation}},
  row{fault::no_server, {errc::no_suitable_server, connection}, {errc::no_suitable_server, connection}},
  row{fault::server_state, {errc::server_state_changed, generation}, {errc::server_state_changed, generation}},
  row{fault::hello_refused, {errc::connect_failed, generation}, {errc::no_suitable_server, generation}},
  row{fault::credentials_refused, {errc::authentication_failed, generation}, {errc::authentication_failed, generation}},
  row{fault::authentication_error, {errc::connect_failed, generation}, {errc::connection_lost, generation}},
  row{fault::server_error, {errc::connect_failed, connection}, {errc::operation_failed, nothing}},
  row{fault::bad_argument, {errc::connect_failed, connection}, {errc::invalid_argument, nothing}},
  row{fault::bad_reply, {errc::connect_failed, connection}, {errc::connection_lost, connection}},
  row{fault::in_exhaust, {errc::connect_failed, connection}, {errc::operation_failed, connection}},
  row{fault::other, {errc::connect_failed, connection}, {errc::operation_failed, nothing}},
};

static_assert(std::ranges::is_sorted(rows, {}, &row::what)
              && rows.size() == static_cast<std::size_t>(fault::other) + 1);

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return text.find(word) != text.npos; });
}

// Of servers that send no code, and of authentication, where libmongoc drops the code.
bool tells_state_change(std::string_view message) {
  return contains_any(message, {"not master", "not primary", "node is recovering", "shut down",
                                "shutting down", "shutdown", "quiesce mode", "stepped down"});
}

// libmongoc keeps no code for a failed authentication. What is not known to be a refusal is taken for
// a passing trouble: a wrong guess costs some futile attempts, the opposite one would end them all.
bool tells_refusal(std::string_view message) {
  return contains_any(message, {"uthentication failed", "auth failed", "bad auth", "UserNotFound",
                                "ser not found", "ould not find user", "SCRAM Failure",
                                "nsupported mechanism", "echanism", "x.509", "X509"});
}

std::int32_t to_code(std::uint32_t code) noexcept {
  return static_cast<std::int32_t>(code);
}

bool is_state_change(std::int32_t code) noexcept {
  const auto* known = find_server_code(code);
  return known != nullptr && known->state_change;
}

fault by_socket(io_fault seen, fault if_lost) {
  switch (seen) {
    case io_fault::interrupted:
      return fault::interrupted;
    case io_fault::timed_out:
      return fault::silent;
    default:
      return if_lost;
  }
}

fault of_answer(const bson_error_t& error) {
  const bool no_code = error.code == MONGOC_ERROR_QUERY_FAILURE;
  return is_state_change(to_code(error.code)) || (no_code && tells_state_change(error.message))
           ? fault::server_state
           : fault::server_error;
}

fault of_selection(const bson_error_t& error, const circumstances& seen) {
  if (error.code == MONGOC_ERROR_PROTOCOL_BAD_WIRE_VERSION)
    return fault::bad_reply;
  if (seen.network.fault == io_fault::interrupted)
    return fault::interrupted;
  // Servers that cannot be reached are listed in brackets.
  const bool listed = contains_any(error.message, {"calling hello", "["});
  if (seen.establishing)
    return listed || seen.network.fault != io_fault::none ? fault::unreachable : fault::no_server;
  return seen.network.fault == io_fault::closed ? fault::unreachable : fault::no_server;
}

fault of_authentication(const bson_error_t& error, const circumstances& seen) {
  if (seen.network.fault != io_fault::none)
    return by_socket(seen.network.fault, fault::lost);
  if (tells_state_change(error.message))
    return fault::server_state;
  return tells_refusal(error.message) ? fault::credentials_refused : fault::authentication_error;
}

fault of_client(const bson_error_t& error, const circumstances& seen) {
  switch (error.code) {
    case MONGOC_ERROR_CLIENT_AUTHENTICATE:
      return of_authentication(error, seen);
    case MONGOC_ERROR_CLIENT_GETNONCE:
      return fault::authentication_error;
    case MONGOC_ERROR_CLIENT_IN_EXHAUST:
      return fault::in_exhaust;
    case MONGOC_ERROR_CLIENT_TOO_BIG:
    case MONGOC_ERROR_CLIENT_TOO_SMALL:
      return fault::bad_argument;
    default:
      return fault::other;
  }
}

fault classify(const bson_error_t& error, const circumstances& seen) {
  switch (error.domain) {
    case MONGOC_ERROR_SERVER:
    case MONGOC_ERROR_QUERY:
    case MONGOC_ERROR_WRITE_CONCERN:
      return of_answer(error);
    case MONGOC_ERROR_STREAM:
      return seen.network.fault == io_fault::none ? fault::unexplained
                                                  : by_socket(seen.network.fault, fault::lost);
    case MONGOC_ERROR_SERVER_SELECTION:
      return of_selection(error, seen);
    case MONGOC_ERROR_CLIENT:
      return of_client(error, seen);
    case MONGOC_ERROR_SASL:
    case MONGOC_ERROR_SCRAM:
      return of_authentication(error, seen);
    case MONGOC_ERROR_PROTOCOL:
      return fault::bad_reply;
    case MONGOC_ERROR_BSON:
    case MONGOC_ERROR_COMMAND:
    case MONGOC_ERROR_MATCHER:
    case MONGOC_ERROR_NAMESPACE:
      return fault::bad_argument;
    default:
      return fault::other;
  }
}

/// A field of a reply, if it has the type that `read` takes.
std::optional<std::int32_t> code_in(const bson_t& reply) {
  bson_iter_t field;
  if (bson_iter_init_find(&field, &reply, "code") && BSON_ITER_HOLDS_NUMBER(&field))
    return static_cast<std::int32_t>(bson_iter_as_int64(&field));
  return std::nullopt;
}

/// The name that the server gives its code. Anything but a name is not repeated.
std::string code_name_in(const bson_t* reply) {
  bson_iter_t field;
  if (reply == nullptr || !bson_iter_init_find(&field, reply, "codeName")
      || !BSON_ITER_HOLDS_UTF8(&field))
    return {};
  std::uint32_t length = 0;
  const char* text = bson_iter_utf8(&field, &length);
  const std::string name{text, length};
  const bool is_name = length <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  return is_name ? name : std::string{};
}

/// "error 11000 (DuplicateKey)".
std::string words_for_code(std::int32_t code, const bson_t* reply) {
  auto name = code_name_in(reply);
  const auto* known = find_server_code(code);
  if (name.empty() && known != nullptr)
    name = known->name;
  return "error " + std::to_string(code) + (name.empty() ? "" : " (" + name + ")");
}

std::string words_for_answer(const bson_error_t& error, const circumstances& seen) {
  const auto code = to_code(error.code);
  auto result = "the server answered with " + words_for_code(code, seen.reply);
  const auto* known = find_server_code(code);
  if (known != nullptr && known->plain_message && error.message[0] != '\0')
    result += std::string{": "} + error.message;
  return result;
}

std::string words_for_network(const bson_error_t& error, const circumstances& seen) {
  if (seen.network.text.empty())
    return error.message;
  const bool in_tls = contains_any(error.message, {"TLS handshake"});
  return seen.network.text + (in_tls ? " during the TLS handshake" : "");
}

std::string words_for(fault what, const bson_error_t& error, const circumstances& seen) {
  switch (what) {
    case fault::interrupted:
    case fault::silent:
    case fault::lost:
    case fault::unexplained:
    case fault::unreachable:
    case fault::no_server:
      return words_for_network(error, seen);
    case fault::server_state:
      return error.domain == MONGOC_ERROR_CLIENT
               ? "the server changes its state and did not authenticate"
               : words_for_answer(error, seen);
    case fault::server_error:
      return words_for_answer(error, seen);
    case fault::credentials_refused:
      return "the server refused the credentials";
    case fault::authentication_error:
      return "authentication failed, but not because the credentials were refused";
    case fault::in_exhaust:
      return "an exhaust cursor still occupies the connection";
    default:
      return without_values(error.message);
  }
}

failure made_of(fault what, bool establishing, std::int32_t code, std::string text) {
  const auto& rule = rows[static_cast<std::size_t>(what)];
  const auto& [meaning, reach] = establishing ? rule.establishing : rule.operating;
  return {meaning, reach, code, std::move(text)};
}

/// The error is but the consequence of a `hello` that was answered with an error.
bool stems_from_hello(const bson_error_t& error) {
  return error.domain == MONGOC_ERROR_SERVER_SELECTION
         || (error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE);
}

} // namespace

failure translate(const bson_error_t& error, const circumstances& seen) {
  if (seen.hello_refusal != nullptr && stems_from_hello(error)) {
    const auto code = code_in(*seen.hello_refusal).value_or(0);
    const auto what = is_state_change(code) ? fault::server_state : fault::hello_refused;
    return made_of(what, seen.establishing, code,
                   "the server answered the handshake with "
                     + words_for_code(code, seen.hello_refusal));
  }
  const auto what = classify(error, seen);
  return made_of(what, seen.establishing, to_code(error.code), words_for(what, error, seen));
}

} // namespace moor::mongo
