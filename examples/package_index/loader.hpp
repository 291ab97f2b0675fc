// Writes all packages to the database, in batches.
#pragma once

#include <caf/fwd.hpp>

#include "moor/messages/pool_fwd.hpp"

#include "messages.hpp"

namespace package_index {

/// Starts an actor, linked to `director`, that upserts the packages and reports (`loaded`) after
/// each batch. Every second batch goes through `run`, as a bulk operation of libmongoc, the others
/// through `command`, as the same update in BSON. It quits when all are written, or with the first
/// error.
void spawn_loader(caf::event_based_actor* director, const moor::pool_actor& pool,
                  packages_ptr packages);

} // namespace package_index
