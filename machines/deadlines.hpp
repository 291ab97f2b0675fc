// A set of deadlines by number: which are over, and when the next one is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

#include "moor/config/duration.hpp"

namespace moor::machines {

/// At most one deadline per number; adding, removing and taking cost O(log n).
class deadlines {
public:
  /// Sets or moves the deadline of `number`. `no_deadline` is not kept.
  void set(std::uint64_t number, instant when) {
    remove(number);
    if (when == no_deadline)
      return;
    by_time_.emplace(when, number);
    by_number_.emplace(number, when);
  }

  void remove(std::uint64_t number) {
    const auto found = by_number_.find(number);
    if (found == by_number_.end())
      return;
    by_time_.erase({found->second, number});
    by_number_.erase(found);
  }

  /// Takes out one number whose deadline is at or before `now`, earliest first; 0 if there is none.
  std::uint64_t take_over(instant now) {
    if (by_time_.empty() || by_time_.begin()->first > now)
      return 0;
    const auto number = by_time_.begin()->second;
    by_number_.erase(number);
    by_time_.erase(by_time_.begin());
    return number;
  }

  /// The earliest deadline, `no_deadline` if there is none.
  instant next() const { return by_time_.empty() ? no_deadline : by_time_.begin()->first; }

  std::size_t size() const noexcept { return by_number_.size(); }

private:
  std::set<std::pair<instant, std::uint64_t>> by_time_;
  std::unordered_map<std::uint64_t, instant> by_number_;
};

} // namespace moor::machines
