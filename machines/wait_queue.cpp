#include "moor/machines/wait_queue.hpp"

#include <algorithm>

namespace moor::machines {

void wait_queue::push(const waiter& w) {
  const key at{w.level, w.request};
  entries_.emplace(at, w);
  if (w.deadline != no_deadline)
    deadlines_.emplace(w.deadline, at);
  if (w.attempt != 0)
    attempts_.emplace(w.attempt, at);
}

waiter wait_queue::take(std::map<key, waiter>::iterator at) {
  const auto taken = at->second;
  if (taken.deadline != no_deadline)
    deadlines_.erase({taken.deadline, at->first});
  if (taken.attempt != 0)
    attempts_.erase(taken.attempt);
  entries_.erase(at);
  return taken;
}

waiter wait_queue::pop() {
  return take(entries_.begin());
}

std::optional<waiter> wait_queue::take(request_id request) {
  for (const auto level : {priority::critical, priority::normal, priority::background})
    if (const auto found = entries_.find({level, request}); found != entries_.end())
      return take(found);
  return std::nullopt;
}

std::optional<waiter> wait_queue::take_over(instant now) {
  if (deadlines_.empty() || deadlines_.begin()->first > now)
    return std::nullopt;
  return take(entries_.find(deadlines_.begin()->second));
}

std::optional<waiter> wait_queue::take_attempt(connection_id connection) {
  const auto found = attempts_.find(connection);
  if (found == attempts_.end())
    return std::nullopt;
  return take(entries_.find(found->second));
}

void wait_queue::assign_attempt(connection_id connection) {
  const auto free = std::find_if(entries_.begin(), entries_.end(),
                                 [](const auto& e) { return e.second.attempt == 0; });
  if (free == entries_.end())
    return;
  free->second.attempt = connection;
  attempts_.emplace(connection, free->first);
}

void wait_queue::drop_attempt(connection_id connection) {
  const auto found = attempts_.find(connection);
  if (found == attempts_.end())
    return;
  entries_.find(found->second)->second.attempt = 0;
  attempts_.erase(found);
}

const waiter* wait_queue::oldest(priority level) const {
  const auto first = entries_.lower_bound({level, 0});
  return first != entries_.end() && first->first.first == level ? &first->second : nullptr;
}

instant wait_queue::next_deadline() const {
  return deadlines_.empty() ? no_deadline : deadlines_.begin()->first;
}

} // namespace moor::machines
