// Follows the changes of the collection on a connection of its own.
#pragma once

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include "moor/messages/pool_fwd.hpp"

#include "messages.hpp"

namespace package_index {

/// Starts an actor, linked to `director`, that opens a change stream on a dedicated lease and tells
/// the director (`following`) when it stands, or why the server has none. It answers `finish` with
/// the number of changes seen (`changes`) as soon as the server has no more to report, and quits.
caf::actor spawn_follower(caf::event_based_actor* director, const moor::pool_actor& pool);

} // namespace package_index
