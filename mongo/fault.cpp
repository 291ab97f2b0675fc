#include "moor/mongo/fault.hpp"

#include <algorithm>
#include <initializer_list>

#include "moor/mongo/handles.hpp"
#include "moor/mongo/server_codes.hpp"

namespace moor::mongo {

namespace {

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return text.find(word) != text.npos; });
}

// Of servers that send no code, and of authentication, where libmongoc drops the code.
bool tells_state_change(std::string_view message) {
  return contains_any(message, {"not master", "not primary", "node is recovering", "shut down",
                                "shutting down", "shutdown", "quiesce mode", "stepped down"});
}

// libmongoc keeps no code for a failed authentication. What is not known to be a refusal is taken
// for a passing trouble: a wrong guess costs some futile attempts, the opposite one would end them
// all.
bool tells_refusal(std::string_view message) {
  return contains_any(message, {"uthentication failed", "auth failed", "bad auth", "UserNotFound",
                                "ser not found", "ould not find user", "SCRAM Failure", "echanism",
                                "x.509", "X509"});
}

fault by_socket(io_fault seen, fault if_lost) {
  switch (seen) {
    case io_fault::interrupted: return fault::interrupted;
    case io_fault::timed_out: return fault::silent;
    case io_fault::garbled: return fault::bad_reply;
    default: return if_lost;
  }
}

fault of_answer(const bson_error_t& error) {
  const bool no_code = error.code == MONGOC_ERROR_QUERY_FAILURE;
  return is_state_change(code_of(error)) || (no_code && tells_state_change(error.message))
           ? fault::server_state
           : fault::server_error;
}

fault of_selection(const bson_error_t& error, const circumstances& seen) {
  if (error.code == MONGOC_ERROR_PROTOCOL_BAD_WIRE_VERSION)
    return fault::bad_reply;
  if (seen.network.fault == io_fault::interrupted)
    return fault::interrupted;
  if (seen.network.fault == io_fault::garbled)
    return fault::bad_reply;
  if (seen.network.fault == io_fault::closed)
    return fault::unreachable;
  // Servers that could not be looked at are listed in brackets.
  const std::string_view message = error.message;
  const bool all_answered
    = message.starts_with("No suitable servers found") && !contains_any(message, {"["});
  return all_answered && seen.network.fault == io_fault::none ? fault::no_server
                                                              : fault::unanswered;
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
    case MONGOC_ERROR_CLIENT_AUTHENTICATE: return of_authentication(error, seen);
    case MONGOC_ERROR_CLIENT_GETNONCE: return fault::authentication_error;
    case MONGOC_ERROR_CLIENT_IN_EXHAUST: return fault::in_exhaust;
    case MONGOC_ERROR_CLIENT_TOO_BIG:
    case MONGOC_ERROR_CLIENT_TOO_SMALL: return fault::bad_argument;
    default: return fault::other;
  }
}

} // namespace

bool is_state_change(std::int32_t code) noexcept {
  const auto* known = find_server_code(code);
  return known != nullptr && known->state_change;
}

std::int32_t code_of(const bson_error_t& error) noexcept {
  return static_cast<std::int32_t>(error.code);
}

fault classify(const bson_error_t& error, const circumstances& seen) {
  switch (error.domain) {
    case MONGOC_ERROR_SERVER:
    case MONGOC_ERROR_QUERY:
    case MONGOC_ERROR_WRITE_CONCERN: return of_answer(error);
    case MONGOC_ERROR_STREAM:
      return seen.network.fault == io_fault::none ? fault::unexplained
                                                  : by_socket(seen.network.fault, fault::lost);
    case MONGOC_ERROR_SERVER_SELECTION: return of_selection(error, seen);
    case MONGOC_ERROR_CLIENT: return of_client(error, seen);
    case MONGOC_ERROR_SASL:
    case MONGOC_ERROR_SCRAM: return of_authentication(error, seen);
    case MONGOC_ERROR_PROTOCOL: return fault::bad_reply;
    case MONGOC_ERROR_BSON:
    case MONGOC_ERROR_COMMAND:
    case MONGOC_ERROR_MATCHER:
    case MONGOC_ERROR_NAMESPACE: return fault::bad_argument;
    default: return fault::other;
  }
}

} // namespace moor::mongo
