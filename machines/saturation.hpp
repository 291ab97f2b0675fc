// Tells once, not per request, that requests wait because every connection is in use.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "moor/config/duration.hpp"
#include "moor/machines/pool_effects.hpp"

namespace moor::machines {

/// The pool's load at one moment.
struct load {
  std::uint64_t waiting = 0;
  instant oldest = no_deadline; ///< since when the first of them waits
  std::uint64_t in_use = 0;
  /// No connection is idle or on its way that a waiting request might get.
  bool exhausted = false;
};

/// An episode begins when a request has waited for longer than the threshold in an exhausted pool,
/// and ends when nobody waits.
class saturation {
public:
  explicit saturation(duration threshold) : threshold_(threshold) {}

  /// Another threshold is in force; an episode that began goes on.
  void reconfigure(duration threshold) noexcept { threshold_ = threshold; }

  /// To be asked whenever the load changed or time has passed.
  std::optional<saturated> begins(const load& now_is, instant now) {
    most_ = std::max(most_, now_is.waiting);
    if (now < next(now_is))
      return std::nullopt;
    since_ = now;
    most_ = now_is.waiting;
    return saturated{now_is.waiting, now - now_is.oldest, now_is.in_use};
  }

  std::optional<relieved> ends(const load& now_is, instant now) {
    if (!since_ || now_is.waiting > 0)
      return std::nullopt;
    const relieved news{now - *since_, most_};
    since_.reset();
    return news;
  }

  /// When an episode begins if the load stays as it is; `no_deadline` if never.
  instant next(const load& now_is) const {
    const auto may_begin = threshold_ > duration::zero() && !since_ && now_is.exhausted;
    return may_begin && now_is.waiting > 0 ? now_is.oldest + threshold_ + duration{1} : no_deadline;
  }

private:
  duration threshold_;
  std::optional<instant> since_; // of the episode
  std::uint64_t most_ = 0;       // waiting, in it
};

} // namespace moor::machines
