#include "moor/actors/event_publisher.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <caf/send.hpp>

namespace moor::actors {

void event_publisher::push(const pool_event& event) {
  for (const auto& s : subscribers_) {
    auto& [events, oldest, dropped] = s->waiting;
    if (events.size() < limit) {
      events.push_back(event);
      continue;
    }
    events[oldest] = event;
    oldest = (oldest + 1) % limit;
    ++dropped;
  }
}

bool event_publisher::is_due(instant now) {
  const auto any = [this](auto is) { return std::ranges::any_of(subscribers_, is); };
  if (!any([](const auto& s) { return can_be_sent(*s); }))
    return false;
  return batches_.take(now) || any([](const auto& s) {
           return can_be_sent(*s) && s->waiting.events.size() >= limit / 2;
         });
}

void event_publisher::send_rest() {
  for (const auto& s : subscribers_)
    if (!s->waiting.events.empty())
      caf::anon_send(s->who, next_batch(s->waiting));
}

instant event_publisher::next(instant now) const {
  const auto waiting
    = std::ranges::any_of(subscribers_, [](const auto& s) { return !s->waiting.events.empty(); });
  // Those that wait although a batch may go wait for an answer.
  return waiting && batches_.next() > now ? batches_.next() : no_deadline;
}

pool_events event_publisher::next_batch(backlog& of) const {
  std::rotate(of.events.begin(), of.events.begin() + static_cast<std::ptrdiff_t>(of.oldest),
              of.events.end());
  of.oldest = 0;
  const auto usual = of.events.size();
  pool_events batch{pool_, address_, std::exchange(of.dropped, 0), std::exchange(of.events, {})};
  // The next one is about as long: a little longer, it would otherwise be moved to twice the room.
  of.events.reserve(std::min(limit, usual + usual / 4));
  return batch;
}

} // namespace moor::actors
