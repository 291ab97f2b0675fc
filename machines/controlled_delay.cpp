#include "moor/machines/controlled_delay.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace moor::machines {

namespace {

std::string milliseconds(duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms";
}

} // namespace

instant controlled_delay::sheds_at(priority level, instant since) const noexcept {
  if (!enabled() || level == priority::critical)
    return no_deadline;
  const auto longer = limit(level) + duration{1};
  return std::max(good_ + interval_, since + longer);
}

failure controlled_delay::refusal(priority level, duration waited) const {
  const auto* rule
    = level == priority::background ? ", above queue-target " : ", above 2 x queue-target ";
  auto why = failure_of(errc::shed, "CoDel: waited " + milliseconds(waited) + rule
                                      + milliseconds(target_) + ", in an overloaded interval");
  why.retry_after = interval_; // sooner, it would join the same overload
  return why;
}

} // namespace moor::machines
