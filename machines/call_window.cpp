#include "moor/machines/call_window.hpp"

#include <algorithm>

namespace moor::machines {

namespace {

constexpr std::uint8_t failed_bit = 1;
constexpr std::uint8_t slow_bit = 2;

std::variant<last_calls, last_time> made_for(const breaker_settings& policy) {
  if (policy.window_type == breaker_window::time)
    return last_time{policy.window_length};
  return last_calls{policy.window_size};
}

} // namespace

void last_calls::record(bool failed, bool slow) {
  const auto call = static_cast<std::uint8_t>((failed ? failed_bit : 0) | (slow ? slow_bit : 0));
  counts_.add(failed, slow);
  if (calls_.size() < size_) {
    calls_.push_back(call);
    return;
  }
  auto& place = calls_[oldest_];
  --counts_.calls;
  counts_.failed -= (place & failed_bit) != 0 ? 1 : 0;
  counts_.slow -= (place & slow_bit) != 0 ? 1 : 0;
  place = call;
  oldest_ = (oldest_ + 1) % size_;
}

void last_calls::clear() {
  calls_.clear();
  oldest_ = 0;
  counts_ = {};
}

last_time::last_time(duration length)
  : width_(std::max(duration{1}, length / static_cast<duration::rep>(std::size(tenths_)))) {}

void last_time::record(bool failed, bool slow, instant now) {
  const auto number = number_at(now);
  auto& place = tenths_[static_cast<std::size_t>(number) % tenths_.size()];
  if (place.number != number)
    place = {number, {}};
  place.counts.add(failed, slow);
}

call_counts last_time::counts(instant now) const {
  const auto newest = number_at(now);
  const auto oldest = newest - static_cast<std::int64_t>(tenths_.size()) + 1;
  call_counts sum;
  for (const auto& one : tenths_) {
    if (one.number < oldest || one.number > newest)
      continue;
    sum.calls += one.counts.calls;
    sum.failed += one.counts.failed;
    sum.slow += one.counts.slow;
  }
  return sum;
}

call_window::call_window(const breaker_settings& policy) : window_(made_for(policy)) {}

void call_window::record(bool failed, bool slow, instant now) {
  if (auto* calls = std::get_if<last_calls>(&window_))
    calls->record(failed, slow);
  else
    std::get<last_time>(window_).record(failed, slow, now);
}

call_counts call_window::counts(instant now) const {
  if (const auto* calls = std::get_if<last_calls>(&window_))
    return calls->counts();
  return std::get<last_time>(window_).counts(now);
}

void call_window::clear() {
  std::visit([](auto& window) { window.clear(); }, window_);
}

} // namespace moor::machines
