#include "moor/machines/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace moor::machines {

duration backoff_delay(const retry_settings& policy, std::uint32_t failures, double draw) noexcept {
  const auto longest = static_cast<double>(policy.longest_delay.count());
  const auto exponent = static_cast<double>(failures > 0 ? failures - 1 : 0);
  const auto grown
    = static_cast<double>(policy.first_delay.count()) * std::pow(policy.multiplier, exponent);
  // A power that overflowed is infinite, and min brings it back.
  const auto cap = std::min(longest, grown);
  const auto share = cap * (1.0 - policy.jitter) + cap * policy.jitter * draw;
  return duration{static_cast<duration::rep>(share)};
}

} // namespace moor::machines
