#include "chaos/canary.hpp"

#include <algorithm>

namespace moor::chaos {

namespace {

constexpr duration length = std::chrono::milliseconds{5};
constexpr duration worth_noting = std::chrono::milliseconds{5};
constexpr duration memory = std::chrono::minutes{1};

} // namespace

canary::canary() : thread_([this](const std::stop_token& stop) { watch(stop); }) {}

void canary::watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto due = std::chrono::steady_clock::now() + length;
    std::this_thread::sleep_until(due);
    const auto woke = std::chrono::steady_clock::now();
    if (woke - due < worth_noting)
      continue;
    const std::lock_guard guard{mutex_};
    naps_.push_back({due, woke});
    while (naps_.front().woke < woke - memory)
      naps_.pop_front();
  }
}

duration canary::stall(instant from, instant to) const {
  const std::lock_guard guard{mutex_};
  duration sum{0};
  for (const auto& n : naps_)
    if (n.woke > from && n.due < to)
      sum += std::min(n.woke, to) - std::max(n.due, from);
  return sum;
}

} // namespace moor::chaos
