// What a health monitor sees and says: plain structs, free of CAF.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moor/config/duration.hpp"

namespace moor {

/// How a pool and its server are. (docs/health.md, "States")
enum class health_state : std::uint8_t {
  starting,    ///< the server was not seen yet
  healthy,     ///< all is well
  degraded,    ///< requests are served, but not as they should be
  unavailable, ///< requests are refused, or would be: the server is lost
  draining,    ///< the pool serves what it lent out and grants nothing new
  stopped,     ///< the pool was closed
};

/// The state's name in lower case.
std::string_view to_string(health_state state) noexcept;

/// A number that a server may keep to itself.
struct maybe_count {
  bool known = false;
  std::int64_t value = 0;

  explicit operator bool() const noexcept { return known; }
  std::int64_t operator*() const noexcept { return value; }
  friend bool operator==(const maybe_count&, const maybe_count&) = default;
};

/// What one check of a server showed: `ping`, `hello` and `serverStatus`.
struct server_view {
  /// Of the ping.
  moor::duration round_trip{0};
  /// Whether it takes writes: a primary, a router or a server alone. A server that says neither
  /// this nor that it is a secondary is taken for writable.
  bool writable = true;
  bool secondary = false;
  /// Empty, or 0, outside of a replica set and where the server did not say.
  std::string set_name;
  std::string me;
  std::string primary;
  std::string election_id; ///< in hexadecimal
  std::int64_t set_version = 0;
  std::vector<std::string> hosts; ///< at most 50, the most members of a set
  /// `serverStatus.connections`; unknown if the server does not say or forbids to ask.
  maybe_count connections_current;
  maybe_count connections_available;
  maybe_count connections_total_created;

  friend bool operator==(const server_view&, const server_view&) = default;
};

/// The state of health changed.
struct health_change {
  health_state from = health_state::starting;
  health_state to = health_state::starting;
  /// Why, in words with figures; empty for a change to `healthy`.
  std::vector<std::string> causes;
  /// Wall clock.
  std::int64_t at_unix_ms = 0;
};

/// How a state came about: the last 25 changes, the newest at the end.
struct health_history {
  /// Shared by all errors of a time; null if there is none.
  std::shared_ptr<const std::vector<health_change>> changes;
};

/// The answer to `get_health`.
struct health_report {
  health_state state = health_state::starting;
  /// Since when, on the wall clock, and how long that is.
  std::int64_t since_unix_ms = 0;
  moor::duration lasting{0};
  /// What is wrong at this moment: it may be news that did not change the state yet.
  std::vector<std::string> causes;
  /// The only server that answers takes no writes.
  bool read_only = false;

  /// Of pings on the monitoring connection: exponentially weighted with 0.2 (Server Selection
  /// specification), and the least of the last ten. 0 while there was none.
  moor::duration round_trip_mean{0};
  moor::duration round_trip_min{0};
  std::uint64_t checks = 0; ///< that the server answered, or did not, in all
  std::uint64_t failed_checks = 0;
  /// What the last check that was answered showed.
  server_view server;
  /// The last 25 changes, the newest at the end.
  std::vector<health_change> changes;
};

/// Asks a pool for its `health_report`.
struct get_health {};

/// Asks a pool whether its state is `healthy`; answered with a bool.
struct is_healthy {};

/// What a subscriber is sent (`subscribe_health`); it must be answered, which a handler that
/// returns nothing does, before the next is sent. A slow subscriber gets the newest change only.
struct health_changed {
  /// The pool's name.
  std::string pool;
  health_change change;
  /// Changes before this one that were never sent.
  std::uint64_t missed = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, maybe_count& x) {
  return f(x.known, x.value);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, server_view& x) {
  return f(x.round_trip, x.writable, x.secondary, x.set_name, x.me, x.primary, x.election_id,
           x.set_version, x.hosts, x.connections_current, x.connections_available,
           x.connections_total_created);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, health_change& x) {
  return f(x.from, x.to, x.causes, x.at_unix_ms);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, health_history& x) {
  auto changes = x.changes ? *x.changes : std::vector<health_change>{};
  if constexpr (Inspector::writes_state) {
    auto result = f(changes);
    x.changes = std::make_shared<const std::vector<health_change>>(std::move(changes));
    return result;
  } else {
    return f(changes);
  }
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, health_report& x) {
  return f(x.state, x.since_unix_ms, x.lasting, x.causes, x.read_only, x.round_trip_mean,
           x.round_trip_min, x.checks, x.failed_checks, x.server, x.changes);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_health&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, is_healthy&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, health_changed& x) {
  return f(x.pool, x.change, x.missed);
}

} // namespace moor
