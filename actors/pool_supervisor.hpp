// The pool supervisor: wait queue, leases, sizing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "moor/actors/connection.hpp"
#include "moor/actors/fault_point.hpp"
#include "moor/actors/part.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"
#include "moor/messages/log.hpp"

namespace moor::mongo {
class fiber_lane;
} // namespace moor::mongo

namespace moor::actors {

struct pool_supervisor_options {
  settings config;
  /// The server's address, for events and errors.
  std::string address;
  connection_threads threads = connection_threads::own_thread;
  /// Where its actor has its turns; null = on CAF's scheduler.
  std::shared_ptr<mongo::fiber_lane> lane = {};
  /// Between background runs (CMAP, "Background Thread"); negative = never.
  duration background_interval = std::chrono::seconds{1};
  /// Of the random shares of lifetimes; the same seed and events give the same trace.
  std::uint64_t seed = 0;
  /// Subscribed from the first event on, if set.
  caf::actor first_subscriber = {};
  fault_point may_fail = {};
  /// Receives the lines about breakers and saturation, on the pool supervisor's thread; may be
  /// empty.
  logger log = {};
};

/// A pool, paused, without an actor yet. It establishes nothing before it has a connector
/// (`use_connector`), and grants nothing before the connector saw the server (`server_found`).
struct pool_supervisor_part {
  std::unique_ptr<part> supervised;
  pool_supervisor_actor address; ///< that leases return to
};
pool_supervisor_part make_pool_supervisor(caf::actor_system& system,
                                          pool_supervisor_options options);

} // namespace moor::actors
