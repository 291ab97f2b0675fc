// Leads the example from an empty database to the summary.
#pragma once

#include <cstddef>
#include <string>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/fwd.hpp>

#include "moor/config/duration.hpp"
#include "moor/messages/pool_fwd.hpp"

#include "messages.hpp"

namespace package_index {

struct plan {
  packages_ptr packages;
  std::size_t clients = 64;
  moor::duration load{0};
  /// The package whose dependants are looked up at the end.
  std::string dependants_of;
};

/// Starts the actor that drops the database, has the changes followed, the packages indexed and the
/// questions asked, and sends `progress` and at last a `summary` to `screen`. It quits then; if
/// something cannot be done it quits with the error.
caf::actor spawn_director(caf::actor_system& system, const moor::pool_actor& pool,
                          const caf::actor& screen, plan what);

} // namespace package_index
