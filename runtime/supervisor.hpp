// The supervisor of one pool: the address that backends hold.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <caf/fwd.hpp>

#include "moor/actors/connection.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"

namespace moor::mongo {
class driver;
}

namespace moor {

/// A line for people; called on the supervisor's thread, must not block.
using log_function = std::function<void(const std::string& line)>;

struct supervisor_options {
  settings config;
  std::shared_ptr<mongo::driver> driver;
  actors::connection_threads threads = actors::connection_threads::own_thread;
  std::uint64_t seed = 0;
  /// A child that dies more often than `most_restarts` times within `restart_period` ends the pool.
  std::size_t most_restarts = 10;
  duration restart_period = std::chrono::seconds{60};
  /// Receives restarts and the periodic statistics line; may be empty.
  log_function log;
};

/// The public address plus what only the runtime asks.
using supervisor_actor
  = pool_actor::extend<caf::replies_to<connect>::with<connected>, caf::reacts_to<tick>>;

/// Starts a pool with its children, paused until it is asked to `connect`. It passes every request
/// on to its pool supervisor and restarts a child that dies. It ends, children first, when it is
/// sent an exit message, and with the last child's reason when restarts do not help.
supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_options options);

/// One line of figures, as logged at the statistics interval.
std::string statistics_line(const std::string& pool, const pool_stats& stats);

} // namespace moor
