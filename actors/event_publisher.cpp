#include "moor/actors/event_publisher.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <caf/send.hpp>

namespace moor::actors {

void event_publisher::add(const caf::actor& who) {
  const auto known = std::any_of(subscribers_.begin(), subscribers_.end(),
                                 [&](const auto& s) { return s->who == who; });
  if (known || !who)
    return;
  subscribers_.push_back(std::make_shared<subscriber>());
  subscribers_.back()->who = who;
}

void event_publisher::remove(const caf::actor_addr& who) {
  std::erase_if(subscribers_, [&](const auto& s) { return s->who == who; });
}

void event_publisher::reset() {
  for (const auto& s : subscribers_)
    s->in_flight = false;
}

void event_publisher::push(const pool_event& event) {
  for (const auto& s : subscribers_) {
    if (s->waiting.size() < limit) {
      s->waiting.push_back(event);
      continue;
    }
    s->waiting[s->oldest] = event;
    s->oldest = (s->oldest + 1) % limit;
    ++s->dropped;
  }
}

bool event_publisher::is_due(instant now) {
  const auto any = [this](auto is) { return std::ranges::any_of(subscribers_, is); };
  if (!any([](const auto& s) { return s->can_be_sent(); }))
    return false;
  return batches_.take(now)
         || any([](const auto& s) { return s->can_be_sent() && s->waiting.size() >= limit / 2; });
}

void event_publisher::send_rest() {
  for (const auto& s : subscribers_)
    if (!s->waiting.empty())
      caf::anon_send(s->who, next_batch(*s));
}

instant event_publisher::next(instant now) const {
  const auto waiting = std::any_of(subscribers_.begin(), subscribers_.end(),
                                   [](const auto& s) { return !s->waiting.empty(); });
  // Those that wait although a batch may go wait for an answer.
  return waiting && batches_.next() > now ? batches_.next() : no_deadline;
}

pool_events event_publisher::next_batch(subscriber& s) const {
  std::rotate(s.waiting.begin(), s.waiting.begin() + static_cast<std::ptrdiff_t>(s.oldest),
              s.waiting.end());
  s.oldest = 0;
  const auto usual = s.waiting.size();
  pool_events batch{pool_, address_, std::exchange(s.dropped, 0), std::exchange(s.waiting, {})};
  s.waiting.reserve(usual);
  return batch;
}

} // namespace moor::actors
