#include "moor/mongo/fault.hpp"

#include <algorithm>
#include <array>
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

struct wording {
  std::string_view part;
  failure_cause cause;
};

// Of libmongoc 1.23, of MongoDB's servers and of their stand-ins, the more special before the
// general. OpenSSL's own words come first where it is heard (tls_watch.hpp). libmongoc keeps no
// code for a failed authentication. What is not known to be a refusal is taken for a passing
// trouble: a wrong guess costs some futile attempts, the opposite one would end them all.
constexpr std::array wordings{
  wording{"Failed OCSP verification", failure_cause::tls_revoked},
  wording{"Failed certificate verification", failure_cause::tls_host_name},
  wording{"certificate verify failed", failure_cause::tls_certificate},
  wording{"wrong version number", failure_cause::tls_not_spoken},
  wording{"unsupported protocol", failure_cause::tls_protocol},
  wording{"TLS handshake failed", failure_cause::tls_handshake},

  wording{"Invalid reply from server", failure_cause::not_mongodb},

  wording{"Unknown authentication mechanism", failure_cause::mechanism_unsupported},
  wording{"nsupported authentication mechanism", failure_cause::mechanism_unsupported},
  wording{"is not supported by this build", failure_cause::mechanism_unsupported},
  wording{"nsupported mechanism", failure_cause::mechanism_not_offered},
  wording{"echanism not supported", failure_cause::mechanism_not_offered},
  wording{"echanism is not supported", failure_cause::mechanism_not_offered},
  wording{"echanism not enabled", failure_cause::mechanism_not_offered},
  wording{"Received authentication for mechanism", failure_cause::mechanism_not_offered},
  wording{"cannot determine username for X-509", failure_cause::tls_client_certificate_missing},
  wording{"No username provided for X509", failure_cause::tls_client_certificate_missing},

  wording{"uthentication failed", failure_cause::credentials},
  wording{"auth failed", failure_cause::credentials},
  wording{"bad auth", failure_cause::credentials},
  wording{"UserNotFound", failure_cause::credentials},
  wording{"ser not found", failure_cause::credentials},
  wording{"ould not find user", failure_cause::credentials},
  wording{"SCRAM Failure", failure_cause::credentials},
  wording{"echanism", failure_cause::mechanism_not_offered},
  wording{"x.509", failure_cause::credentials},
  wording{"X509", failure_cause::credentials},
};

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
  // In TLS the sockets cannot tell.
  if (seen.network.fault == io_fault::garbled
      || cause_in_words(error.message) == failure_cause::not_mongodb)
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
  switch (cause_in_words(error.message)) {
    case failure_cause::credentials: return fault::credentials_refused;
    case failure_cause::tls_client_certificate_missing: return fault::tls;
    case failure_cause::mechanism_not_offered:
    case failure_cause::mechanism_unsupported: return fault::mechanism;
    default: return fault::authentication_error;
  }
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

/// Whether TLS failed for good: by the sockets' word, or by libmongoc's where they have none.
bool tells_tls(const bson_error_t& error, const circumstances& seen) {
  const bool of_network = error.domain == MONGOC_ERROR_STREAM
                          || error.domain == MONGOC_ERROR_SERVER_SELECTION
                          || error.domain == MONGOC_ERROR_CLIENT;
  if (!of_network)
    return false;
  if (seen.network.cause != failure_cause::other)
    return is_tls(seen.network.cause) && is_lasting(seen.network.cause);
  const auto cause = cause_in_words(error.message);
  return is_tls(cause) && is_lasting(cause);
}

} // namespace

bool is_state_change(std::int32_t code) noexcept {
  const auto* known = find_server_code(code);
  return known != nullptr && known->state_change;
}

std::int32_t code_of(const bson_error_t& error) noexcept {
  return static_cast<std::int32_t>(error.code);
}

failure_cause cause_in_words(std::string_view message) noexcept {
  const auto found = std::ranges::find_if(
    wordings, [&](const wording& w) { return message.find(w.part) != message.npos; });
  return found == wordings.end() ? failure_cause::other : found->cause;
}

fault classify(const bson_error_t& error, const circumstances& seen) {
  if (tells_tls(error, seen))
    return fault::tls;
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
