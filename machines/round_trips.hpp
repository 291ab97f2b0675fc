// Round-trip times, weighted as MongoDB's Server Selection specification says.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>

#include "moor/config/duration.hpp"

namespace moor::machines {

/// The exponentially weighted mean of all, and the least of the last few.
class round_trips {
public:
  /// Weight of a new sample. (Server Selection specification)
  static constexpr double alpha = 0.2;
  /// Samples of which the least is known. (SDAM specification, "minimum RTT")
  static constexpr std::size_t kept = 10;

  void add(duration sample) {
    sample = std::max(sample, duration::zero());
    const auto seconds = std::chrono::duration<double>{sample};
    mean_ = recent_.empty() ? seconds : alpha * seconds + (1 - alpha) * mean_;
    recent_.push_back(sample);
    if (recent_.size() > kept)
      recent_.pop_front();
  }

  /// The server was lost: what it took before says nothing of it now. (SDAM specification)
  void reset() { recent_.clear(); }

  /// 0 if there are none.
  duration mean() const {
    return recent_.empty() ? duration::zero() : std::chrono::duration_cast<duration>(mean_);
  }
  duration least() const {
    return recent_.empty() ? duration::zero() : *std::ranges::min_element(recent_);
  }

private:
  std::chrono::duration<double> mean_{0};
  std::deque<duration> recent_;
};

} // namespace moor::machines
