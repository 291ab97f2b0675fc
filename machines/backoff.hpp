// Exponential backoff with jitter.
#pragma once

#include <cstdint>

#include "moor/config/settings.hpp"

namespace moor::machines {

/// The delay after `failures` (≥ 1) failures in a row. `draw` is uniform in [0, 1).
/// With full jitter it is uniform between nothing and min(longest, first ×
/// multiplier^(failures-1)).
duration backoff_delay(const retry_settings& policy, std::uint32_t failures, double draw) noexcept;

/// The same while a server that was lost `outage` ago does not answer: the upper bound is also at
/// most that policy's share of the outage, so that the first minutes are not slept through, but no
/// less than 100 ms.
duration reconnect_delay(const retry_settings& policy, std::uint32_t failures, duration outage,
                         double draw) noexcept;

} // namespace moor::machines
