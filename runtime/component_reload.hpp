// Other settings for one of a component's pools: which one is meant, and whether its server has
// room for it.
#pragma once

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include "moor/messages/log.hpp"
#include "moor/messages/reload.hpp"
#include "moor/runtime/pool_directory.hpp"

namespace moor {

/// Blocks until the pool of that name followed or refused.
caf::expected<reload_report> reload_one(caf::actor_system& system, const pool_directory& pools,
                                        const logger& log, reload order);

} // namespace moor
