// A pool's figures at one moment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "moor/config/duration.hpp"
#include "moor/messages/health.hpp"

namespace moor {

/// The states of a pool. (CMAP, "Connection Pool Members"; `draining` is moor's own.)
enum class pool_phase : std::uint8_t { paused, ready, draining, closed };

/// The state's name in lower case.
std::string_view to_string(pool_phase phase) noexcept;

/// Whether the pool serves everybody, or gives up some requests for the sake of others because its
/// server is not well (docs/health.md, "Shedding").
enum class degradation : std::uint8_t { none, degraded };

/// "none" or "degraded".
std::string_view to_string(degradation level) noexcept;

/// Totals count from the start of the pool and never go back. granted = returned + revoked + out.
struct pool_stats {
  pool_phase phase = pool_phase::paused;
  moor::degradation degradation = moor::degradation::none;
  std::uint64_t generation = 0;

  std::uint64_t total = 0;     ///< connections: pending + available + in use + being checked
  std::uint64_t in_use = 0;    ///< lent out
  std::uint64_t available = 0; ///< ready to be lent
  std::uint64_t pending = 0;   ///< being established
  std::uint64_t checking = 0;  ///< being pinged before use or to keep them alive
  std::uint64_t closing = 0;   ///< taking leave of the server; in none of the above
  std::uint64_t waiting = 0;   ///< requests in the wait queue
  std::uint64_t out = 0;       ///< leases held by borrowers
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 0;

  std::uint64_t granted = 0;
  std::uint64_t returned = 0;
  std::uint64_t revoked = 0;
  std::uint64_t timed_out = 0;     ///< requests refused at their deadline
  std::uint64_t refused = 0;       ///< requests refused for any other reason
  std::uint64_t shed = 0;          ///< those of `refused` that were shed, by whichever rule
  std::uint64_t shed_overload = 0; ///< those of `shed` that waited too long in an overload
  std::uint64_t shed_degraded = 0; ///< those of `shed` that the pool gave up while degraded

  std::uint64_t retried = 0;          ///< attempts of requests beyond their first
  std::uint64_t retries_withheld = 0; ///< those that there was no budget for

  std::uint64_t attempts = 0;      ///< to establish a connection
  std::uint64_t reconnections = 0; ///< times the server was found again after it was lost
  std::uint64_t errors = 0;        ///< failed attempts and connections spoilt in use
  std::uint64_t restarts = 0;      ///< of moor's own parts that died
  std::string last_error;          ///< free of secrets; empty if none
  std::int64_t last_error_unix_ms = 0;
  /// As the health monitor said last; `starting` if there is none.
  health_state health = health_state::starting;
};

/// pool → health monitor: what the state of health depends on.
struct pool_news {
  pool_phase phase = pool_phase::paused;
  std::uint64_t generation = 0;
  std::uint64_t waiting = 0;
  std::uint64_t max_size = 0;
  /// What the pool was cleared for; empty if it was not.
  std::string cause;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pool_stats& x) {
  return f(x.phase, x.degradation, x.generation, x.total, x.in_use, x.available, x.pending,
           x.checking, x.closing, x.waiting, x.out, x.min_size, x.max_size, x.granted, x.returned,
           x.revoked, x.timed_out, x.refused, x.shed, x.shed_overload, x.shed_degraded, x.retried,
           x.retries_withheld, x.attempts, x.reconnections, x.errors, x.restarts, x.last_error,
           x.last_error_unix_ms, x.health);
}

} // namespace moor
