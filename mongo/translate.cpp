#include "moor/mongo/translate.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "moor/config/text.hpp"
#include "moor/messages/overload.hpp"
#include "moor/mongo/fault.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/server_codes.hpp"
#include "moor/mongo/tls_watch.hpp"
#include "moor/mongo/without_values.hpp"

namespace moor::mongo {

namespace {

struct verdict {
  errc code;
  spoils reach;
};

struct row {
  fault what;
  verdict establishing;
  verdict operating;
};

using enum errc;
using enum spoils;

// In the order of the enum: all of moor's policy on errors.
constexpr std::array rows{
  row{fault::interrupted, {connect_failed, connection}, {connection_lost, connection}},
  row{fault::silent, {connect_failed, connection}, {operation_timeout, connection}},
  row{fault::lost, {connect_failed, connection}, {connection_lost, generation}},
  row{fault::unexplained, {connect_failed, connection}, {connection_lost, connection}},
  row{fault::unreachable, {connect_failed, connection}, {no_suitable_server, generation}},
  row{fault::unanswered, {connect_failed, connection}, {no_suitable_server, connection}},
  row{fault::no_server, {no_suitable_server, connection}, {no_suitable_server, connection}},
  row{fault::server_state, {server_state_changed, generation}, {server_state_changed, generation}},
  row{fault::hello_refused, {connect_failed, generation}, {no_suitable_server, generation}},
  row{fault::credentials_refused,
      {authentication_failed, generation},
      {authentication_failed, generation}},
  row{fault::authentication_error, {connect_failed, generation}, {connection_lost, generation}},
  row{fault::server_error, {connect_failed, connection}, {operation_failed, nothing}},
  row{fault::bad_argument, {connect_failed, connection}, {invalid_argument, nothing}},
  row{fault::bad_reply, {connect_failed, connection}, {connection_lost, connection}},
  row{fault::in_exhaust, {connect_failed, connection}, {operation_failed, connection}},
  row{fault::tls, {tls_failed, generation}, {tls_failed, generation}},
  row{fault::mechanism, {authentication_failed, generation}, {authentication_failed, generation}},
  row{fault::other, {connect_failed, connection}, {operation_failed, nothing}},
};

static_assert(std::ranges::is_sorted(rows, {}, &row::what)
              && rows.size() == static_cast<std::size_t>(fault::other) + 1);

/// Longer waits than this are nobody's to ask for.
constexpr std::chrono::milliseconds longest_backoff{std::chrono::hours{1}};

/// The text of a field if it looks like a name. A server may send anything; no more is repeated.
std::string name_in(const bson_iter_t& field) {
  if (!BSON_ITER_HOLDS_UTF8(&field))
    return {};
  std::uint32_t length = 0;
  const char* text = bson_iter_utf8(&field, &length);
  const std::string name{text, length};
  const bool is_name = length <= 64 && std::ranges::all_of(name, is_alphanumeric);
  return is_name ? name : std::string{};
}

/// "error 11000 (DuplicateKey)".
std::string words_for_code(std::int32_t code, const bson_t* reply) {
  if (code == 0)
    return "an error without a code";
  std::string name;
  bson_iter_t field;
  if (reply != nullptr && bson_iter_init_find(&field, reply, "codeName"))
    name = name_in(field);
  if (const auto* known = find_server_code(code); name.empty() && known != nullptr)
    name = known->name;
  return "error " + std::to_string(code) + (name.empty() ? "" : " (" + name + ")");
}

/// " [RetryableWriteError]": what a caller may try, in the words of MongoDB's specifications.
std::string words_for_labels(const bson_t* reply) {
  bson_iter_t field;
  bson_iter_t label;
  if (reply == nullptr || !bson_iter_init_find(&field, reply, "errorLabels")
      || !bson_iter_recurse(&field, &label))
    return {};
  std::string result;
  for (int most = 8; most > 0 && bson_iter_next(&label); --most)
    if (const auto name = name_in(label); !name.empty())
      result += " [" + name + "]";
  return result;
}

/// What an answer asks of whoever would send the same again.
server_advice advice_in(const bson_t* reply) {
  server_advice result;
  bson_iter_t field;
  bson_iter_t label;
  if (reply == nullptr)
    return result;
  if (bson_iter_init_find(&field, reply, "errorLabels") && bson_iter_recurse(&field, &label))
    for (int most = 8; most > 0 && bson_iter_next(&label); --most) {
      const auto name = name_in(label);
      result.retryable |= name == "RetryableError" || name == "RetryableWriteError";
      result.overloaded |= name == "SystemOverloadedError";
    }
  if (bson_iter_init_find(&field, reply, "baseBackoffMS") && BSON_ITER_HOLDS_NUMBER(&field))
    result.base_backoff = std::chrono::milliseconds{
      std::clamp(bson_iter_as_int64(&field), std::int64_t{0}, longest_backoff.count())};
  return result;
}

std::string words_for_answer(const bson_error_t& error, const circumstances& seen) {
  const auto code = code_of(error);
  auto result = "the server answered with " + words_for_code(code, seen.reply);
  if (const auto* known = find_server_code(code);
      known != nullptr && known->plain_message && error.message[0] != '\0')
    result += std::string{": "} + error.message;
  return result + words_for_labels(seen.reply);
}

/// Whether it was in answer to hello, so that it never spoke MongoDB's wire protocol.
bool is_no_server(fault what, const bson_error_t& error) {
  return what == fault::bad_reply && error.domain == MONGOC_ERROR_SERVER_SELECTION
         && cause_in_words(error.message) == failure_cause::not_mongodb;
}

/// The cause by what is known of it: the sockets and OpenSSL before libmongoc's words.
failure_cause cause_of(fault what, const bson_error_t& error, const circumstances& seen) {
  switch (what) {
    case fault::credentials_refused: return failure_cause::credentials;
    case fault::authentication_error: return failure_cause::authentication_error;
    case fault::mechanism: return cause_in_words(error.message);
    case fault::no_server: return failure_cause::no_suitable_server;
    case fault::server_state: return failure_cause::server_state;
    case fault::hello_refused: return failure_cause::hello_refused;
    case fault::server_error:
    case fault::bad_argument:
    case fault::in_exhaust: return failure_cause::other;
    default: break;
  }
  if (seen.network.cause != failure_cause::other)
    return seen.network.cause;
  const auto told = cause_in_words(error.message);
  return is_tls(told) || is_no_server(what, error) ? told : failure_cause::other;
}

std::string words_for_network(const bson_error_t& error, const circumstances& seen) {
  return seen.network.text.empty() ? error.message : seen.network.text;
}

/// What libmongoc says in brackets, which is of each server and quotes hosts alone; all of it if
/// there are none.
std::string told_of_servers(const bson_error_t& error) {
  std::string_view told = error.message;
  if (const auto open = told.find('['); open != told.npos)
    told = told.substr(open + 1, told.rfind(']') - open - 1);
  return " (" + std::string{told} + ")";
}

/// libmongoc's sentence is added where it is all that is known.
std::string words_for_tls_failure(const bson_error_t& error, const circumstances& seen) {
  if (seen.network.cause != failure_cause::other)
    return seen.network.text;
  return std::string{words_for_tls(cause_in_words(error.message))} + told_of_servers(error);
}

std::string words_for_bad_reply(const bson_error_t& error, const circumstances& seen) {
  if (seen.network.fault == io_fault::garbled)
    return seen.network.text;
  return is_no_server(fault::bad_reply, error)
           ? "what answers does not speak MongoDB's wire protocol" + told_of_servers(error)
           : without_values(error.message);
}

std::string words_for_mechanism(const bson_error_t& error) {
  return cause_in_words(error.message) == failure_cause::mechanism_unsupported
           ? "libmongoc does not support the mechanism of authentication (authMechanism)"
           : "the server does not offer the mechanism of authentication (authMechanism)";
}

std::string words_for(fault what, const bson_error_t& error, const circumstances& seen) {
  switch (what) {
    case fault::interrupted:
    case fault::silent:
    case fault::lost:
    case fault::unexplained:
    case fault::unreachable:
    case fault::unanswered: return words_for_network(error, seen);
    case fault::no_server:
      return "no server that answered is suitable: none is a primary, or none is a member of the "
             "replica set that the connection string names";
    case fault::server_state:
      return error.domain == MONGOC_ERROR_CLIENT
               ? "the server changes its state and did not authenticate"
               : words_for_answer(error, seen);
    case fault::server_error: return words_for_answer(error, seen);
    case fault::credentials_refused:
      return "the server refused the credentials: wrong password, unknown user or wrong authSource "
             "(a server does not say which)";
    case fault::tls: return words_for_tls_failure(error, seen);
    case fault::mechanism: return words_for_mechanism(error);
    case fault::authentication_error:
      return "authentication failed, but not because the credentials were refused";
    case fault::in_exhaust: return "an exhaust cursor still occupies the connection";
    case fault::bad_reply: return words_for_bad_reply(error, seen);
    default: return without_values(error.message);
  }
}

/// For an error of libmongoc that says nothing at all, as of a hello whose answer it cannot read.
std::string words_for_nothing(const bson_error_t& error, const circumstances& seen) {
  return seen.establishing && error.domain == 0 ? "the server's answer to hello was not understood"
                                                : "libmongoc gave no reason";
}

failure made_of(fault what, bool establishing, std::int32_t code, std::string text,
                failure_cause cause) {
  const auto& rule = rows[static_cast<std::size_t>(what)];
  const auto& [meaning, reach] = establishing ? rule.establishing : rule.operating;
  return {meaning, reach, code, std::move(text), duration::zero(), {}, cause};
}

/// The error is but the consequence of a `hello` that was answered with an error.
bool stems_from_hello(const bson_error_t& error) {
  return error.domain == MONGOC_ERROR_SERVER_SELECTION
         || (error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE);
}

} // namespace

failure translate(const bson_error_t& error, const circumstances& seen) {
  if (seen.hello_refusal != nullptr && stems_from_hello(error)) {
    const auto code = code_in(*seen.hello_refusal);
    const auto what = is_state_change(code) ? fault::server_state : fault::hello_refused;
    auto why = made_of(
      what, seen.establishing, code,
      "the server answered the handshake with " + words_for_code(code, seen.hello_refusal),
      what == fault::server_state ? failure_cause::server_state : failure_cause::hello_refused);
    if (is_overload(why)) // the connections that stand are good
      why.reach = connection;
    return why;
  }
  const auto what = classify(error, seen);
  auto text = words_for(what, error, seen);
  if (text.empty())
    text = words_for_nothing(error, seen);
  auto why = made_of(what, seen.establishing, code_of(error), std::move(text),
                     cause_of(what, error, seen));
  why.advice = advice_in(seen.reply);
  return why;
}

std::int32_t code_in(const bson_t& reply) noexcept {
  bson_iter_t field;
  const bool found = bson_iter_init_find(&field, &reply, "code") && BSON_ITER_HOLDS_NUMBER(&field);
  return found ? static_cast<std::int32_t>(bson_iter_as_int64(&field)) : 0;
}

bool says_ok(const bson_t& reply) noexcept {
  bson_iter_t field;
  return bson_iter_init_find(&field, &reply, "ok") && bson_iter_as_bool(&field);
}

} // namespace moor::mongo
