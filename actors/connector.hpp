// The connector actor: finds the server, establishes the pool's connections, finds it again.
#pragma once

#include <cstdint>
#include <memory>

#include "moor/actors/connection.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"

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
};

/// Starts a connector for `pool`. It ends when the pool supervisor does.
/// Until it is asked to `connect` it only establishes what the pool orders.
connector_actor spawn_connector(caf::actor_system& system, connector_options options,
                                pool_supervisor_actor pool);

} // namespace moor::actors
