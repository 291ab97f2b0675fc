// When a queue is overloaded, and who has waited too long in it: controlled delay (CoDel, RFC 8289)
// as Elixir's DBConnection applies it to requests for connections.
#pragma once

#include "moor/config/settings.hpp"
#include "moor/messages/errors.hpp"
#include "moor/messages/requests.hpp"

namespace moor::machines {

/// A short queue absorbs a burst; one that nobody leaves in time only makes everybody late. The
/// difference is told by the smallest waiting time of a whole interval: once it was above the
/// target, those who waited longest are given up until somebody is served in time again.
///
/// `critical` requests neither count nor are shed: they overtake the others, so that their waiting
/// says nothing of the queue.
///
/// Where it departs from DBConnection: the interval slides, as in RFC 8289; `background` requests
/// are shed after the target, not twice of it, so that they go first.
class controlled_delay {
public:
  explicit controlled_delay(const shedding_settings& config)
    : target_(config.queue_target), interval_(config.queue_interval) {}

  bool enabled() const noexcept { return target_ > duration::zero(); }

  /// Other rules are in force. What was seen by other measures says nothing by these.
  void reconfigure(const shedding_settings& config, instant now) noexcept {
    if (config.queue_target == target_ && config.queue_interval == interval_)
      return;
    target_ = config.queue_target;
    interval_ = config.queue_interval;
    good_ = now;
  }

  /// A request joined a queue in which none that counts was waiting.
  void begins(instant now) noexcept { good_ = now; }

  /// A request left the queue because it was served.
  void served(priority level, duration waited, instant now) noexcept {
    if (level != priority::critical && waited <= target_)
      good_ = now;
  }

  /// For so long nobody was there to serve; that says nothing of the queue.
  void leave_out(duration gap) noexcept { good_ += gap; }

  /// Of a queue in which requests that count are waiting.
  bool overloaded(instant now) const noexcept { return enabled() && now >= good_ + interval_; }

  /// From when on a request that waits since `since` is to be shed if it goes on like this;
  /// `no_deadline` if never.
  instant sheds_at(priority level, instant since) const noexcept;

  /// The error of a request that is shed after so long.
  failure refusal(priority level, duration waited) const;

private:
  duration limit(priority level) const noexcept {
    return level == priority::background ? target_ : 2 * target_;
  }

  duration target_;
  duration interval_;
  instant good_{}; // when somebody was last served in time, or nobody waited
};

} // namespace moor::machines
