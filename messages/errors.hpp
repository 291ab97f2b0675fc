// moor's error codes: why a request was refused or an operation failed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "moor/config/duration.hpp"
#include "moor/messages/causes.hpp"

namespace moor {

/// Why a request got an error instead of what it asked for. Zero is "no error" in CAF and is not
/// used.
enum class errc : std::uint8_t {
  /// The request waited in the queue until its deadline; the pool itself is well. (CMAP
  /// WaitQueueTimeoutError)
  wait_queue_timeout = 1,
  /// As many requests as the wait queue limit allows were waiting already.
  queue_full,
  /// The pool was cleared or is paused after losing its server; try again. (CMAP PoolClearedError)
  pool_cleared,
  /// The pool was closed for good. (CMAP PoolClosedError)
  pool_closed,
  /// The pool is draining: it serves what it lent out and grants nothing new.
  draining,
  /// A connection could not be established (name resolution, dial or handshake).
  connect_failed,
  /// The server refused the credentials, or their mechanism cannot be used. Trying again with the
  /// same ones will not help.
  authentication_failed,
  /// The request itself is not acceptable; the text names the field and what is allowed.
  invalid_argument,
  /// The connection was lost in the middle of the operation; whether it took effect is unknown.
  connection_lost,
  /// The operation did not end by the request's deadline; its connection was cut. Effect unknown.
  operation_timeout,
  /// The server answered the operation with an error; the text carries its code and message.
  operation_failed,
  /// The function handed to `run` threw something that is no error of moor's, or got no thread.
  function_failed,
  /// No server suitable for the operation was found (no primary, say).
  no_suitable_server,
  /// The server is shutting down, or is no longer the primary; try again.
  server_state_changed,
  /// The lease was returned, revoked or lost: its connection can no longer be used through it.
  lease_ended,
  /// The part of moor that held the request died and was restarted. Effect unknown.
  restarted,
  /// moor was stopped.
  stopped,
  /// The circuit breaker is open: the server was not asked, since calls keep failing. The error
  /// says when asking again may be of use.
  circuit_open,
  /// Given up so that others are served: the pool is overloaded or its server degraded. The text
  /// names the rule.
  shed,
  /// No member of the replica set takes writes at the moment; requests marked as read-only are
  /// served.
  read_only,
  /// The lease was held for too long, and its connection was taken away (`leak-policy`).
  revoked,
  /// TLS could not be agreed on, and will not be until somebody mends a certificate or the settings
  /// of one side. The failure's cause says which.
  tls_failed,
};

/// The code's name as written in logs and metrics, `wait_queue_timeout` for instance.
std::string_view to_string(errc code) noexcept;

/// One sentence that states the cause.
std::string_view cause_of(errc code) noexcept;

/// Whether the same request may succeed if sent again unchanged. (CMAP and SDAM call these errors
/// retryable; whether an interrupted operation took effect is for the caller to know.)
bool is_retryable(errc code) noexcept;

/// What a server says of sending the same command again, by the labels of its error. (Client
/// Backpressure specification)
struct server_advice {
  /// Label RetryableError: the command had no effect. Or RetryableWriteError: the same may be done
  /// again, which must do no harm.
  bool retryable = false;
  bool overloaded = false;  ///< label SystemOverloadedError: wait before it is sent again
  duration base_backoff{0}; ///< its baseBackoffMS, in place of the client's own; 0 if absent

  friend bool operator==(const server_advice&, const server_advice&) = default;
};

/// How far an error reaches. (SDAM specification, "Error handling")
enum class spoils : std::uint8_t {
  nothing,    ///< the connection is as good as before
  connection, ///< this connection must not be used again
  generation, ///< every connection made so far is suspect: the pool is cleared
};

/// An error as moor's parts hand it to each other: a code, how far it reaches, and words without
/// secrets.
struct failure {
  errc code = errc::operation_failed;
  spoils reach = spoils::nothing;
  /// Server's or driver's own code; 0 if none.
  std::int32_t driver_code = 0;
  /// Free of passwords, user names and query values.
  std::string text;
  /// Asking again sooner is of no use; 0 if that is not known.
  duration retry_after{0};
  server_advice advice = {};
  /// What the network, TLS or authentication failed for, also of what that led to: a pool that was
  /// cleared for it. `other` for all else.
  failure_cause cause = failure_cause::other;
};

/// A failure that spoils nothing, with the code's own sentence or with another text.
failure failure_of(errc code);
failure failure_of(errc code, std::string text);

/// `invalid_argument` with that text.
failure refused(std::string text);

/// One line for people and logs: the code's name and the text.
std::string describe(const failure& why);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, server_advice& x) {
  return f(x.retryable, x.overloaded, x.base_backoff);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, failure& x) {
  return f(x.code, x.reach, x.driver_code, x.text, x.retry_after, x.advice, x.cause);
}

} // namespace moor
