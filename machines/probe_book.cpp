#include "moor/machines/probe_book.hpp"

#include <algorithm>

namespace moor::machines {

probe_book::probe_book(std::uint32_t permitted, duration time)
  : permitted_(std::max<std::uint32_t>(permitted, 1)), time_(time) {}

std::optional<probe_book::probe> probe_book::give(instant now) {
  forget_overdue(now);
  if (round_.size() >= permitted_ || in_flight(now) >= permitted_)
    return std::nullopt;
  return round_.emplace_back(entry{{++last_, now + time_}}).what;
}

probe_book::entry* probe_book::find_running(std::uint64_t number) {
  const auto found
    = std::ranges::find(round_, number, [](const entry& one) { return one.what.number; });
  return found == round_.end() || found->answered ? nullptr : &*found;
}

bool probe_book::answer(std::uint64_t number, bool failed, bool slow) {
  auto* running = find_running(number);
  if (running == nullptr) {
    forget(number);
    return false;
  }
  running->answered = true;
  answered_.add(failed, slow);
  return true;
}

bool probe_book::lose(std::uint64_t number) {
  const auto counted = answer(number, true, false);
  lost_ += counted ? 1 : 0;
  return counted;
}

void probe_book::take_back(std::uint64_t number) {
  if (auto* running = find_running(number))
    round_.erase(round_.begin() + (running - round_.data()));
  else
    forget(number);
}

void probe_book::lose_overdue() {
  const auto due = round_due();
  for (const auto& one : round_)
    if (!one.answered && one.what.deadline <= due)
      lose(one.what.number);
}

void probe_book::end_round(instant now) {
  forget_overdue(now);
  for (const auto& one : round_)
    if (!one.answered && one.what.deadline > now)
      earlier_.push_back(one.what);
  round_.clear();
  answered_ = {};
  lost_ = 0;
}

void probe_book::forget(std::uint64_t number) {
  std::erase_if(earlier_, [&](const probe& one) { return one.number == number; });
}

void probe_book::forget_overdue(instant now) {
  std::erase_if(earlier_, [&](const probe& one) { return one.deadline <= now; });
}

instant probe_book::round_due() const noexcept {
  return round_.empty() ? no_deadline : round_.front().what.deadline;
}

instant probe_book::next_due() const noexcept {
  const auto first = earlier_.empty() ? no_deadline : earlier_.front().deadline;
  return std::min(first, round_due());
}

std::uint64_t probe_book::in_flight(instant now) const {
  const auto running = [&](const entry& one) { return !one.answered && one.what.deadline > now; };
  const auto flying = [&](const probe& one) { return one.deadline > now; };
  return static_cast<std::uint64_t>(std::ranges::count_if(round_, running)
                                    + std::ranges::count_if(earlier_, flying));
}

} // namespace moor::machines
