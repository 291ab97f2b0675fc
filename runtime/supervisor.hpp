// The supervisor of one pool: keeps its parts alive.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "moor/actors/connection.hpp"
#include "moor/actors/fault_point.hpp"
#include "moor/actors/trial.hpp"
#include "moor/config/settings.hpp"
#include "moor/config/validate.hpp"
#include "moor/messages/actors.hpp"
#include "moor/messages/log.hpp"

namespace prometheus {
class Registry;
}
namespace moor::actors {
class board;
}

namespace moor {

struct supervisor_options {
  settings config;
  std::shared_ptr<mongo::driver> driver;
  actors::connection_threads threads = actors::connection_threads::own_thread;
  std::uint64_t seed = 0;
  /// Receives restarts, saturation and the periodic statistics line.
  logger log;
  actors::fault_point may_fail = {};
  /// Where each setting came from.
  origins from = {};
  /// Makes the driver of other settings; null: the driver stays what it is.
  actors::driver_factory make_driver = {};
  /// Where metrics and snapshots go; each is made, and seen by nobody, if absent.
  std::shared_ptr<prometheus::Registry> registry = {};
  std::shared_ptr<actors::board> board = {};
};

struct supervised_pool {
  /// What backends hold, for as long as they like. Its end, seen by monitors, is the pool's end,
  /// with the cause; the end of its last handle ends the pool.
  pool_supervisor_actor address;
  supervisor_actor supervisor;
};

/// Starts a pool with its parts, paused until it is asked to `connect`. A part that dies is started
/// again where it was (docs/supervision.md). The pool ends when the supervisor or the address is
/// sent an exit message, and with the cause of the last death when restarts do not help; then
/// everybody who waits is answered, and every connection is closed.
///
/// The supervisor holds the settings in force; `reload`, which the address passes on to it, puts
/// others in their place.
supervised_pool spawn_supervised_pool(caf::actor_system& system, supervisor_options options);

/// One line of figures, as logged at the statistics interval.
std::string statistics_line(const std::string& pool, const pool_stats& stats);

} // namespace moor
