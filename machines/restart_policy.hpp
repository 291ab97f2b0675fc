// How often a part that dies is started again before its supervisor gives up.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "moor/config/duration.hpp"

namespace moor::machines {

/// At most `most` restarts within `period`, as Erlang's supervisors count them. One thread at a
/// time.
class restart_policy {
public:
  restart_policy(std::size_t most, duration period) : most_(most), period_(period) {}

  /// A part died at `now`. True: start it again. False: too many, too fast; escalate.
  bool allow(instant now) {
    while (!restarts_.empty() && now - restarts_.front() >= period_)
      restarts_.pop_front();
    if (restarts_.size() >= most_)
      return false;
    restarts_.push_back(now);
    return true;
  }

private:
  std::size_t most_;
  duration period_;
  std::deque<instant> restarts_;
};

} // namespace moor::machines
