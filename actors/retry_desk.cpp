#include "moor/actors/retry_desk.hpp"

#include <string>

namespace moor::actors {

bool retry_desk::keep(request_id number, task& t, failure& why, instant now, double draw) {
  if (!t.what) { // nor could it be done again
    if (t.attempt > 1)
      why.text += " (at attempt " + std::to_string(t.attempt) + ")";
    return false;
  }
  const auto& allowed = options_of(*t.what).retry;
  machines::request_retry::verdict next;
  if (kept_.size() < most_)
    next = policy_.failed(why, allowed, t.attempt, t.deadline, now, draw);
  else if (t.attempt < allowed.attempts && machines::may_be_repeated(why))
    next.why_not = "as many requests as may wait for another attempt already";
  if (next.at) {
    due_.set(number, *next.at);
    kept_.emplace(number, std::move(t));
    return true;
  }
  if (!next.why_not.empty() || t.attempt > 1)
    why.text += " (attempt " + std::to_string(t.attempt) + " of " + std::to_string(allowed.attempts)
                + (next.why_not.empty() ? "" : "; " + next.why_not) + ")";
  return false;
}

std::optional<std::pair<request_id, task>> retry_desk::take_due(instant now) {
  const auto number = due_.take_over(now);
  if (number == 0)
    return std::nullopt;
  auto node = kept_.extract(number);
  return std::pair{number, std::move(node.mapped())};
}

std::optional<task> retry_desk::take(request_id number) {
  auto node = kept_.extract(number);
  if (node.empty())
    return std::nullopt;
  due_.remove(number);
  return std::move(node.mapped());
}

std::unordered_map<request_id, task> retry_desk::take_all() {
  due_ = {};
  return std::exchange(kept_, {});
}

} // namespace moor::actors
