// The health monitor: looks at the server on a connection of its own, and says how the pool is.
#pragma once

#include <memory>

#include "moor/actors/connection.hpp"
#include "moor/actors/fault_point.hpp"
#include "moor/actors/part.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"
#include "moor/messages/log.hpp"

namespace moor::mongo {
class driver;
}

namespace moor::actors {

struct monitor_options {
  settings config;
  std::shared_ptr<mongo::driver> driver;
  connection_threads threads = connection_threads::own_thread;
  fault_point may_fail = {};
  logger log = {};
};

/// A health monitor for the pool of that address, without an actor yet. It looks at no server
/// before the pool, which must be told of it (`use_monitor`), was ready once.
struct monitor_part {
  std::unique_ptr<part> supervised;
  monitor_actor address;
};
monitor_part make_monitor(caf::actor_system& system, monitor_options options,
                          const pool_supervisor_actor& pool);

} // namespace moor::actors
