// The connector: finds the server, establishes the pool's connections, finds the server again.
#pragma once

#include <cstdint>
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

struct connector_options {
  settings config;
  std::shared_ptr<mongo::driver> driver;
  connection_threads threads = connection_threads::own_thread;
  /// Of the random delays; the same seed and events give the same trace.
  std::uint64_t seed = 0;
  fault_point may_fail = {};
  logger log = {};
};

/// A connector for the pool of that address, without an actor yet. Until it is asked to `connect`
/// it only establishes what the pool orders.
struct connector_part {
  std::unique_ptr<part> supervised;
  connector_actor address;
};
connector_part make_connector(caf::actor_system& system, connector_options options,
                              const pool_supervisor_actor& pool);

} // namespace moor::actors
