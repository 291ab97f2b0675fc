// How much of a loop's time the turns of others may take.
#pragma once

#include <algorithm>
#include <chrono>

#include "moor/config/duration.hpp"

namespace moor::machines {

/// Turns of up to 200 us are what a loop is for. Slower ones may take 20 ms together, and 1 % of
/// the time after that: when they took more, others are to be had elsewhere until that is so again,
/// or a minute has passed: a process that was stopped for long had no slow turn.
class turn_budget {
public:
  static constexpr duration slow = std::chrono::microseconds{200};
  static constexpr duration most = std::chrono::milliseconds{20};
  static constexpr int share = 100;
  static constexpr duration longest = std::chrono::minutes{1};

  bool permits(instant now) const noexcept { return now >= closed_until_; }

  /// A turn ended that had begun at `begin`.
  void had(instant begin, instant end) noexcept {
    if (end - begin <= slow)
      return;
    paid_at_ = std::min(std::max(paid_at_, end) + share * (end - begin), end + longest);
    if (paid_at_ - end > share * most)
      closed_until_ = paid_at_;
  }

private:
  instant paid_at_ = instant::min(); // when slow turns will have been 1 % of the time
  instant closed_until_ = instant::min();
};

} // namespace moor::machines
