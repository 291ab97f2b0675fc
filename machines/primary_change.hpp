// The words for a replica set that got, or lost, the member that takes writes.
#pragma once

#include "moor/messages/errors.hpp"

namespace moor::machines {

/// Why a pool is cleared when its server was found `read_only` and the generation began otherwise,
/// or the other way round: what was established believes in a primary that is gone, or in none.
inline failure primary_change(bool read_only) {
  return {errc::server_state_changed, spoils::generation, 0,
          read_only ? "no member of the replica set takes writes any more"
                    : "a member of the replica set takes writes again"};
}

} // namespace moor::machines
