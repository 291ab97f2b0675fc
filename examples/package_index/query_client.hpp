// One user of the index.
#pragma once

#include <cstdint>

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include "moor/messages/pool_fwd.hpp"

#include "messages.hpp"

namespace package_index {

/// Starts an actor, linked to `director`, that asks one question after the other: nineteen of
/// twenty look a package up, the others ask for packages by section, the largest, or the dependants
/// of a package. The same seed asks the same questions. A question that fails is counted and
/// followed by a short pause. Answers `finish` with a `client_report` when its last question is
/// answered, and quits.
caf::actor spawn_query_client(caf::event_based_actor* director, const moor::pool_actor& pool,
                              packages_ptr packages, std::uint32_t seed);

} // namespace package_index
