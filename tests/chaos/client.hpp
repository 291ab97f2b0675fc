// A borrower that asks for this and that, and sometimes dies.
#pragma once

#include <cstdint>
#include <memory>

#include <caf/actor.hpp>

#include "chaos/canary.hpp"
#include "chaos/holders.hpp"
#include "chaos/tally.hpp"
#include "moor/messages/actors.hpp"

namespace moor::chaos {

/// What all clients share.
struct world {
  pool_supervisor_actor pool;
  /// Beyond a request's deadline; the machine's own stalls come on top.
  duration tolerance{0};
  tally seen;
  holders held{seen.breaches};
  canary machine;
  std::atomic<bool> ending{false};
};

/// Asks one thing after the other until the world ends or it dies: while it waits, while it holds,
/// or in the middle of work. The same seed asks the same things.
caf::actor spawn_client(caf::actor_system& system, std::shared_ptr<world> shared,
                        std::uint64_t seed);

} // namespace moor::chaos
