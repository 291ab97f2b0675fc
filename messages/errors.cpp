#include "moor/messages/errors.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace moor {

namespace {

struct row {
  errc code;
  std::string_view name;
  std::string_view cause;
  bool retryable;
};

// One row per code, in the order of the enum: everything that is known of a code stands here.
constexpr std::array rows{
  row{errc::wait_queue_timeout, "wait_queue_timeout",
      "Timed out while checking out a connection from connection pool", false},
  row{errc::queue_full, "queue_full",
      "As many requests as the wait queue limit allows are waiting already", true},
  row{errc::pool_cleared, "pool_cleared",
      "The connection pool was cleared and waits for its server to be seen again", true},
  row{errc::pool_closed, "pool_closed",
      "Attempted to check out a connection from closed connection pool", false},
  row{errc::draining, "draining", "The connection pool is draining and grants nothing new", false},
  row{errc::connect_failed, "connect_failed", "A connection could not be established", true},
  row{errc::authentication_failed, "authentication_failed", "The server refused the credentials",
      false},
  row{errc::invalid_argument, "invalid_argument", "The request is not acceptable", false},
  row{errc::connection_lost, "connection_lost",
      "The connection was lost during the operation; whether it took effect is unknown", false},
  row{errc::operation_timeout, "operation_timeout",
      "The operation did not end by the request's deadline; whether it took effect is unknown",
      false},
  row{errc::operation_failed, "operation_failed", "The server answered the operation with an error",
      false},
  row{errc::function_failed, "function_failed", "The function handed to run threw an exception",
      false},
  row{errc::no_suitable_server, "no_suitable_server",
      "No server suitable for the operation was found", true},
  row{errc::server_state_changed, "server_state_changed",
      "The server is shutting down or is no longer the primary", true},
  row{errc::lease_ended, "lease_ended", "The lease was returned, revoked or lost", false},
  row{errc::restarted, "restarted", "The part of moor that held the request died and was restarted",
      false},
  row{errc::stopped, "stopped", "moor was stopped", false},
  row{errc::circuit_open, "circuit_open",
      "The circuit breaker is open: calls kept failing, and the server is left alone for a while",
      true},
  row{errc::shed, "shed", "The request was given up so that others are served", true},
  row{errc::read_only, "read_only",
      "No member of the replica set takes writes; requests marked as read-only are served", true},
  row{errc::revoked, "revoked", "The lease was held for too long and was taken away", false},
  row{errc::tls_failed, "tls_failed", "TLS could not be agreed on with the server", false},
};

const row* find(errc code) noexcept {
  const auto index = static_cast<std::size_t>(code) - 1;
  return index < rows.size() ? &rows[index] : nullptr;
}

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].code) != i + 1)
      return false;
  return true;
}
static_assert(in_order(), "the rows follow the order of errc");

} // namespace

std::string_view to_string(errc code) noexcept {
  const auto* found = find(code);
  return found != nullptr ? found->name : "unknown";
}

std::string_view cause_of(errc code) noexcept {
  const auto* found = find(code);
  return found != nullptr ? found->cause : "An error of a newer version of moor";
}

bool is_retryable(errc code) noexcept {
  const auto* found = find(code);
  return found != nullptr && found->retryable;
}

failure failure_of(errc code) {
  return failure_of(code, std::string{cause_of(code)});
}

failure failure_of(errc code, std::string text) {
  return {code, spoils::nothing, 0, std::move(text), duration::zero(), {}};
}

failure refused(std::string text) {
  return failure_of(errc::invalid_argument, std::move(text));
}

std::string describe(const failure& why) {
  auto line = std::string{to_string(why.code)} + ": " + why.text;
  // A borrower's exception, say, may have several.
  std::replace_if(
    line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return line;
}

} // namespace moor
