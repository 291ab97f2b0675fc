// The connection actor: the only one that touches its client, unless a borrower holds it raw.
#pragma once

#include <memory>

#include <caf/fwd.hpp>

#include "moor/messages/actors.hpp"

namespace moor::actors {

/// Where connection actors run. `own_thread` is for real drivers, whose calls block; their
/// connections may have a lane instead, which does without a thread for each. `scheduled` lets a
/// test with a driver that never blocks step through every message.
enum class connection_threads : std::uint8_t { own_thread, scheduled };

/// Starts the actor of one connection. It answers `dial`, `job`, `check_connection` and `examine`
/// to whoever sent them, and ends at `hang_up`. Throws std::system_error if there is no thread for
/// it.
connection_actor spawn_connection(caf::actor_system& system, connection_threads threads,
                                  connection_id id, std::shared_ptr<mongo::connection> handle);

} // namespace moor::actors
