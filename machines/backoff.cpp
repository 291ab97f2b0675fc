#include "moor/machines/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace moor::machines {

namespace {

/// Some dials a second cost neither side anything to speak of.
constexpr duration shortest_pace = std::chrono::milliseconds{100};

double count(duration d) noexcept {
  return static_cast<double>(d.count());
}

double upper_bound(const retry_settings& policy, std::uint32_t failures) noexcept {
  const auto exponent = static_cast<double>(failures > 0 ? failures - 1 : 0);
  // A power that overflowed is infinite, and min brings it back.
  return std::min(count(policy.longest_delay),
                  count(policy.first_delay) * std::pow(policy.multiplier, exponent));
}

duration jittered(const retry_settings& policy, double bound, double draw) noexcept {
  const auto share = bound * (1.0 - policy.jitter) + bound * policy.jitter * draw;
  return duration{static_cast<duration::rep>(share)};
}

} // namespace

duration backoff_delay(const retry_settings& policy, std::uint32_t failures, double draw) noexcept {
  return jittered(policy, upper_bound(policy, failures), draw);
}

duration reconnect_delay(const retry_settings& policy, std::uint32_t failures, duration outage,
                         double draw) noexcept {
  auto bound = upper_bound(policy, failures);
  if (policy.reconnect_share > 0)
    bound = std::min(bound, std::max(count(shortest_pace), count(outage) * policy.reconnect_share));
  return jittered(policy, bound, draw);
}

} // namespace moor::machines
