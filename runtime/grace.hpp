// How much longer than the settings allow moor waits for its own parts.
#pragma once

#include <chrono>

#include "moor/config/duration.hpp"

namespace moor {

/// Beyond what the settings allow, for a machine that stalls.
inline constexpr duration grace = std::chrono::seconds{10};

} // namespace moor
