// Pool events, named as in the Connection Monitoring and Pooling specification ("Connection Pool
// Monitoring"): the one stream from which logs, metrics and leak detection are made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/messages/breaker.hpp"
#include "moor/messages/ids.hpp"
#include "moor/messages/rare.hpp"

namespace moor {

enum class event_type : std::uint8_t {
  pool_created,
  pool_ready,
  pool_cleared,
  pool_closed,
  connection_created,
  connection_ready,
  connection_closed,
  check_out_started,
  check_out_failed,
  checked_out,
  checked_in,
  breaker_changed, ///< a circuit breaker changed its state (moor's own)
};

/// Why a connection was closed or a check-out failed; `none` for every other event.
enum class event_reason : std::uint8_t {
  none,
  stale,       ///< closed: the pool was cleared since it was made
  idle,        ///< closed: available for longer than the maximum idle time
  lifetime,    ///< closed: older than the maximum lifetime (moor's own, not in the specification)
  error,       ///< closed: it met an error
  surplus,     ///< closed: the maximum pool size was lowered (moor's own)
  rotated,     ///< closed: replaced by one with newer credentials or the like (moor's own)
  pool_closed, ///< closed, or check-out failed: the pool was closed or is draining
  timeout,     ///< check-out failed: the deadline came first
  connection_error, ///< check-out failed: no connection could be made, or the pool was cleared
  queue_full,       ///< check-out failed: the wait queue's limit (moor's own)
  borrower_gone,    ///< check-out failed: who asked died meanwhile (moor's own)
  shed,             ///< check-out failed: given up so that others are served (moor's own)
};

/// The specification's name, `ConnectionCheckOutStarted` for instance.
std::string_view to_string(event_type type) noexcept;

/// The specification's value, `poolClosed` for instance; empty for `none`.
std::string_view to_string(event_reason reason) noexcept;

/// One thing that happened in a pool. Three of them go with each request, to every subscriber: so
/// what few events have takes no room in the others.
struct pool_event {
  event_type type = event_type::pool_created;
  event_reason reason = event_reason::none;
  /// Of `pool_cleared`: connections in use were interrupted too.
  bool interrupt_in_use = false;
  /// Of `breaker_changed`: which one, and its new state.
  breaker_scope scope = breaker_scope::operations;
  breaker_state state = breaker_state::closed;
  /// The pool's generation after the event.
  std::uint64_t generation = 0;
  connection_id connection = 0;
  request_id request = 0;
  lease_id lease = 0;
  /// Since the pool was created.
  moor::duration at{0};
  /// Of `connection_ready`: since its creation; of check-outs that ended: since they started; of
  /// `checked_in`: since the check-out.
  moor::duration took{0};
  /// Of `pool_created`: the pool's options under the specification's names.
  rare<std::vector<std::pair<std::string, std::int64_t>>> options = {};
  /// Of `breaker_changed` and `pool_cleared`: why.
  rare<std::string> cause = {};

  friend bool operator==(const pool_event&, const pool_event&) = default;
};

/// Events as a subscriber receives them: in order, and it is told how many it missed.
struct pool_events {
  /// The pool's name and its server's address.
  std::string pool;
  std::string address;
  /// Events dropped just before these because the subscriber was too slow.
  std::uint64_t dropped = 0;
  std::vector<pool_event> events;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pool_event& x) {
  return f(x.type, x.reason, x.interrupt_in_use, x.scope, x.state, x.generation, x.connection,
           x.request, x.lease, x.at, x.took, x.options, x.cause);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pool_events& x) {
  return f(x.pool, x.address, x.dropped, x.events);
}

} // namespace moor
