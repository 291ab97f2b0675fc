// How long requests waited for a connection, from the pool's own events.
#pragma once

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include "moor/messages/pool_fwd.hpp"

#include "messages.hpp"

namespace package_index {

/// Starts an actor, linked to `director`, that subscribes to the pool's events and notes the wait
/// of every check-out. Answers `finish` with its `waits`, and quits.
caf::actor spawn_wait_meter(caf::event_based_actor* director, const moor::pool_actor& pool);

} // namespace package_index
