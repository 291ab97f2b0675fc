// What a circuit breaker shows of itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "moor/config/settings.hpp"

namespace moor {

/// The states of a circuit breaker, under resilience4j's names.
enum class breaker_state : std::uint8_t {
  closed,      ///< calls are permitted and judged
  open,        ///< calls are refused, for a time
  half_open,   ///< some calls are permitted as probes, and decide
  forced_open, ///< calls are refused until somebody orders otherwise
  disabled,    ///< calls are permitted and not judged until somebody orders otherwise
};

/// The state's name as written in logs and metrics, `half_open` for instance.
std::string_view to_string(breaker_state state) noexcept;

/// What a breaker stands before. Each pool has one for each.
enum class breaker_scope : std::uint8_t {
  operations,   ///< requests: `acquire`, `run` and `command`, unless they are on a lease already
  establishing, ///< the making of connections
};

/// The scope's name as written in logs and metrics.
std::string_view to_string(breaker_scope scope) noexcept;

/// Answered with `breaker_figures`.
struct get_breaker {
  breaker_scope scope = breaker_scope::operations;
};

/// An operator's order: `on` closes the breaker, whatever its state was.
struct set_breaker {
  breaker_scope scope = breaker_scope::operations;
  breaker_mode mode = breaker_mode::on;
};

/// A circuit breaker went from one state to another.
struct breaker_changed {
  breaker_state from = breaker_state::closed;
  breaker_state to = breaker_state::closed;
  /// Why, with the figures: "5 of 10 calls failed (50%), the threshold is 50%".
  std::string cause;
  /// Of a change to `open`: how long calls are refused; else zero.
  moor::duration retry_after{0};

  friend bool operator==(const breaker_changed&, const breaker_changed&) = default;
};

/// A circuit breaker's figures at one moment.
struct breaker_figures {
  breaker_state state = breaker_state::closed;
  moor::duration lasts{0}; ///< so far
  /// Calls that are judged now: those in the window while closed, the probes that were answered
  /// while half-open, none in the other states.
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;
  std::uint64_t slow = 0;
  /// Shares of them, 0 to 1; 0 if there are none.
  double failure_rate = 0;
  double slow_call_rate = 0;
  std::uint64_t probes_in_flight = 0;
  /// Totals, which never go back.
  std::uint64_t refused = 0;
  std::uint64_t transitions = 0;

  friend bool operator==(const breaker_figures&, const breaker_figures&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_breaker& x) {
  return f(x.scope);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_breaker& x) {
  return f(x.scope, x.mode);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, breaker_changed& x) {
  return f(x.from, x.to, x.cause, x.retry_after);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, breaker_figures& x) {
  return f(x.state, x.lasts, x.calls, x.failed, x.slow, x.failure_rate, x.slow_call_rate,
           x.probes_in_flight, x.refused, x.transitions);
}

} // namespace moor
