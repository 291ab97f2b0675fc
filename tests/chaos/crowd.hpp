// As many clients as there should be.
#pragma once

#include <cstdint>
#include <memory>

#include "chaos/client.hpp"

namespace moor::chaos {

/// Keeps `size` clients alive, a new one for each that dies, until the world ends; then it ends
/// with the last of them.
caf::actor spawn_crowd(caf::actor_system& system, std::shared_ptr<world> shared, std::size_t size,
                       std::uint64_t seed);

} // namespace moor::chaos
