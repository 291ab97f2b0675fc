// How often, and how soon, a part that dies is started again before its supervisor gives up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>

#include "moor/config/settings.hpp"

namespace moor::machines {

/// At most `most` restarts within `period`, counted over all parts of one supervisor as Erlang's
/// supervisors count them. The first of a period comes at once; before each further one there is a
/// delay, doubled every time. One thread at a time.
class restart_policy {
public:
  explicit restart_policy(const restart_settings& limits) : limits_(limits) {}

  /// Other limits are in force; restarts of before count.
  void reconfigure(const restart_settings& limits) { limits_ = limits; }

  /// A part died at `now`. The delay until it is to be started again; nothing if that is one too
  /// many: then the supervisor escalates.
  std::optional<duration> on_death(instant now) {
    while (!restarts_.empty() && now - restarts_.front() >= limits_.period)
      restarts_.pop_front();
    if (restarts_.size() >= limits_.most)
      return std::nullopt;
    restarts_.push_back(now);
    return delay_of(restarts_.size());
  }

private:
  /// Of the n-th restart within the period, counting from 1.
  duration delay_of(std::size_t n) const {
    if (n <= 1)
      return duration::zero();
    auto delay = limits_.first_delay;
    for (; n > 2 && delay < limits_.longest_delay; --n)
      delay *= 2;
    return std::min(delay, limits_.longest_delay);
  }

  restart_settings limits_;
  std::deque<instant> restarts_; // at most `most`
};

} // namespace moor::machines
