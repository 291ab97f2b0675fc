// The clients of moor's contenders.
#pragma once

#include <caf/actor_system.hpp>

#include "moor/messages/actors.hpp"

#include "operation.hpp"
#include "samples.hpp"

namespace compare {

/// What all clients of one load have in common; outlives them.
struct load {
  moor::pool_actor pool;
  const operation& todo;
  window& during;
  bool by_run; ///< otherwise by `command`
};

/// Starts a client that asks until the load is over, and then quits; only it touches `into`
/// meanwhile.
caf::actor spawn_client(caf::actor_system& system, const load& of, samples& into, unsigned seed);

/// Starts an actor that notes in `into`, until it is sent an exit message, the wait of every
/// check-out as the pool's events tell it.
caf::actor spawn_meter(caf::actor_system& system, const load& of, samples& into);

} // namespace compare
