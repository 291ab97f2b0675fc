// How one contender came through the outages.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace recovery {

using clock = std::chrono::steady_clock;

/// When each client of a contender succeeded last, and how often it failed. Each client has a
/// thread or an actor of its own; the one that makes the outages reads.
class successes {
public:
  explicit successes(std::size_t clients) : first_(clients) {}

  void succeeded(std::size_t client) {
    auto none = std::int64_t{0};
    first_[client].compare_exchange_strong(none, clock::now().time_since_epoch().count());
  }
  void failed() { ++failed_; }

  /// The outage ends now: what comes next is the recovery.
  void forget() {
    for (auto& one : first_)
      one = 0;
  }

  /// Since then, of the quickest client and of the slowest; the end of time if there is none.
  clock::time_point first() const {
    auto earliest = clock::time_point::max();
    for (const auto& one : first_)
      earliest = std::min(earliest, point(one));
    return earliest;
  }
  clock::time_point all() const {
    auto latest = clock::time_point::min();
    for (const auto& one : first_)
      latest = std::max(latest, point(one));
    return latest;
  }
  std::uint64_t failures() const { return failed_; }
  std::size_t clients() const { return first_.size(); }

private:
  static clock::time_point point(std::int64_t ticks) {
    return ticks == 0 ? clock::time_point::max() : clock::time_point{clock::duration{ticks}};
  }

  std::vector<std::atomic<std::int64_t>> first_; // 0 for none
  std::atomic<std::uint64_t> failed_ = 0;
};

} // namespace recovery
