#include "moor/machines/wait_queue.hpp"

#include <algorithm>
#include <functional>

namespace moor::machines {

namespace {

/// Fewer gaps and deadlines of nobody are not worth looking for.
constexpr std::size_t worth_closing = 64;
/// When there is none, room for this many deadlines is kept, and not for the largest crowd ever.
constexpr std::size_t usual = 1024;

} // namespace

void wait_queue::push(const waiter& w) {
  const auto lane = static_cast<std::size_t>(w.level);
  const auto position = lanes_[lane].push(w);
  lanes_[lane].at(position).has_attempt = false;
  ++size_;
  if (w.deadline != no_deadline)
    add_due({w.deadline, lane, position});
}

std::size_t wait_queue::most_urgent() const {
  std::size_t lane = 0;
  while (lanes_[lane].empty())
    ++lane;
  return lane;
}

waiter wait_queue::take(std::size_t lane, std::uint64_t position) {
  const auto taken = lanes_[lane].take(position);
  --size_;
  if (taken.has_attempt)
    std::erase_if(attempts_, [&](const auto& a) { return a.second.second == taken.request; });
  forget_who_is_gone();
  return taken;
}

void wait_queue::forget_who_is_gone() {
  for (const auto* d = next_due(); d != nullptr && !lanes_[d->lane()].holds(d->position());
       d = next_due())
    pop_due();
  auto length = in_order_.size() + others_.size();
  for (const auto& lane : lanes_)
    length += lane.length();
  if (length > 4 * size_ + worth_closing) // of both kinds there may be as many as wait
    close_gaps();
}

void wait_queue::close_gaps() {
  in_order_.clear();
  others_.clear();
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    lanes_[lane].close_gaps();
    lanes_[lane].until([&](std::uint64_t position, const waiter& w) {
      if (w.deadline != no_deadline)
        add_due({w.deadline, lane, position});
      return false;
    });
  }
}

void wait_queue::add_due(const due& d) {
  if (in_order_.empty() || d > in_order_.back()) {
    in_order_.push_back(d);
    return;
  }
  others_.push_back(d);
  std::push_heap(others_.begin(), others_.end(), std::greater<>{});
}

bool wait_queue::is_next_in_order() const {
  return !in_order_.empty() && (others_.empty() || others_.front() > in_order_.front());
}

const wait_queue::due* wait_queue::next_due() const {
  if (is_next_in_order())
    return &in_order_.front();
  return others_.empty() ? nullptr : &others_.front();
}

void wait_queue::pop_due() {
  if (is_next_in_order())
    return in_order_.pop_front();
  std::pop_heap(others_.begin(), others_.end(), std::greater<>{});
  others_.pop_back();
  if (others_.empty() && others_.capacity() > usual)
    others_ = std::vector<due>{};
}

instant wait_queue::next_deadline() const {
  const auto* next = next_due();
  return next == nullptr ? no_deadline : next->when();
}

waiter wait_queue::pop() {
  const auto lane = most_urgent();
  return take(lane, lanes_[lane].first());
}

std::optional<waiter> wait_queue::take(request_id request) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
    if (const auto found = lanes_[lane].find(request))
      return take(lane, *found);
  return std::nullopt;
}

std::optional<waiter> wait_queue::take_over(instant now) {
  const auto* next = next_due();
  if (next == nullptr || next->when() > now)
    return std::nullopt;
  return take(next->lane(), next->position());
}

std::optional<waiter> wait_queue::take_attempt(connection_id connection) {
  const auto found = attempts_.find(connection);
  if (found == attempts_.end())
    return std::nullopt;
  const auto [lane, request] = found->second;
  return take(lane, *lanes_[lane].find(request));
}

void wait_queue::assign_attempt(connection_id connection) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    auto assigned = false;
    lanes_[lane].until(
      [&](std::uint64_t, waiter& w) { return assigned = try_assign(connection, lane, w); });
    if (assigned)
      return;
  }
}

void wait_queue::assign_attempt(connection_id connection, request_id request) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
    if (const auto found = lanes_[lane].find(request))
      try_assign(connection, lane, lanes_[lane].at(*found));
}

bool wait_queue::try_assign(connection_id connection, std::size_t lane, waiter& to) {
  if (to.has_attempt || !attempts_.emplace(connection, std::pair{lane, to.request}).second)
    return false;
  return to.has_attempt = true;
}

std::vector<std::pair<connection_id, request_id>> wait_queue::attempts() const {
  std::vector<std::pair<connection_id, request_id>> all;
  for (const auto& [connection, whose] : attempts_)
    all.emplace_back(connection, whose.second);
  return all;
}

void wait_queue::drop_attempt(connection_id connection) {
  const auto found = attempts_.find(connection);
  if (found == attempts_.end())
    return;
  const auto [lane, request] = found->second;
  lanes_[lane].at(*lanes_[lane].find(request)).has_attempt = false;
  attempts_.erase(found);
}

const waiter* wait_queue::oldest(priority level) const {
  const auto& lane = lanes_[static_cast<std::size_t>(level)];
  return lane.empty() ? nullptr : &lane.front();
}

} // namespace moor::machines
