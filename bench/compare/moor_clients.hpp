// The clients of moor's contenders.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/fwd.hpp>

#include "moor/messages/actors.hpp"
#include "moor/runtime/caf_settings.hpp"

#include "operation.hpp"
#include "samples.hpp"

namespace compare {

/// An actor system that can hold moor, with CAF's scheduler of that name.
struct config : caf::actor_system_config {
  explicit config(const std::string& scheduler);

  moor::caf_settings moor{*this, custom_options_};
};

/// What all clients of one load have in common; outlives them.
struct load {
  moor::pool_actor pool;
  const operation& todo;
  window& during;
  bool by_run; ///< otherwise by `command`
};

/// Has a client for each of `into` ask until the load is over. They take the loads in turn.
void run_clients(caf::scoped_actor& self, std::span<const load> of, std::vector<samples>& into);

/// Starts an actor that notes in `into`, until it is sent an exit message, the wait of every
/// check-out as the pool's events tell it.
caf::actor spawn_meter(caf::actor_system& system, const load& of, samples& into);

} // namespace compare
