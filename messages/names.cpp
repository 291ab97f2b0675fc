// Names of the enums that logs, metrics and test runners print.
#include "moor/messages/breaker.hpp"
#include "moor/messages/events.hpp"
#include "moor/messages/figures.hpp"
#include "moor/messages/health.hpp"
#include "moor/messages/leases.hpp"
#include "moor/messages/log.hpp"
#include "moor/messages/stats.hpp"

namespace moor {

std::string_view to_string(event_type type) noexcept {
  switch (type) {
    case event_type::pool_created: return "ConnectionPoolCreated";
    case event_type::pool_ready: return "ConnectionPoolReady";
    case event_type::pool_cleared: return "ConnectionPoolCleared";
    case event_type::pool_closed: return "ConnectionPoolClosed";
    case event_type::connection_created: return "ConnectionCreated";
    case event_type::connection_ready: return "ConnectionReady";
    case event_type::connection_closed: return "ConnectionClosed";
    case event_type::check_out_started: return "ConnectionCheckOutStarted";
    case event_type::check_out_failed: return "ConnectionCheckOutFailed";
    case event_type::checked_out: return "ConnectionCheckedOut";
    case event_type::checked_in: return "ConnectionCheckedIn";
    case event_type::breaker_changed: return "CircuitBreakerChanged";
  }
  return "unknown";
}

std::string_view to_string(event_reason reason) noexcept {
  switch (reason) {
    case event_reason::none: return "";
    case event_reason::stale: return "stale";
    case event_reason::idle: return "idle";
    case event_reason::lifetime: return "lifetime";
    case event_reason::error: return "error";
    case event_reason::surplus: return "surplus";
    case event_reason::rotated: return "rotated";
    case event_reason::pool_closed: return "poolClosed";
    case event_reason::timeout: return "timeout";
    case event_reason::connection_error: return "connectionError";
    case event_reason::queue_full: return "queueFull";
    case event_reason::borrower_gone: return "borrowerGone";
    case event_reason::shed: return "shed";
  }
  return "unknown";
}

std::string_view to_string(pool_phase phase) noexcept {
  switch (phase) {
    case pool_phase::paused: return "paused";
    case pool_phase::ready: return "ready";
    case pool_phase::draining: return "draining";
    case pool_phase::closed: return "closed";
  }
  return "unknown";
}

std::string_view to_string(health_state state) noexcept {
  switch (state) {
    case health_state::starting: return "starting";
    case health_state::healthy: return "healthy";
    case health_state::degraded: return "degraded";
    case health_state::unavailable: return "unavailable";
    case health_state::draining: return "draining";
    case health_state::stopped: return "stopped";
  }
  return "unknown";
}

std::string_view to_string(breaker_scope scope) noexcept {
  switch (scope) {
    case breaker_scope::operations: return "operations";
    case breaker_scope::establishing: return "establishing";
  }
  return "unknown";
}

std::string_view to_string(degradation level) noexcept {
  switch (level) {
    case degradation::none: return "none";
    case degradation::degraded: return "degraded";
  }
  return "unknown";
}

std::string_view to_string(breaker_state state) noexcept {
  switch (state) {
    case breaker_state::closed: return "closed";
    case breaker_state::open: return "open";
    case breaker_state::half_open: return "half_open";
    case breaker_state::forced_open: return "forced_open";
    case breaker_state::disabled: return "disabled";
  }
  return "unknown";
}

std::string_view to_string(connection_state state) noexcept {
  switch (state) {
    case connection_state::pending: return "pending";
    case connection_state::available: return "available";
    case connection_state::checking: return "checking";
    case connection_state::in_use: return "in_use";
  }
  return "unknown";
}

std::string_view to_string(lease_use use) noexcept {
  switch (use) {
    case lease_use::held: return "held";
    case lease_use::run: return "run";
    case lease_use::command: return "command";
  }
  return "unknown";
}

std::string_view to_string(leak_outcome outcome) noexcept {
  switch (outcome) {
    case leak_outcome::out: return "out";
    case leak_outcome::returned_late: return "returned_late";
    case leak_outcome::revoked: return "revoked";
  }
  return "unknown";
}

std::string_view to_string(log_level level) noexcept {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return "unknown";
}

} // namespace moor
