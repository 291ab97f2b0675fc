#include "moor/actors/health_publisher.hpp"

#include <algorithm>

namespace moor::actors {

void health_publisher::add(const caf::actor& who) {
  const auto known = std::any_of(subscribers_.begin(), subscribers_.end(),
                                 [&](const auto& s) { return s->who == who; });
  if (known || !who)
    return;
  subscribers_.push_back(std::make_shared<subscriber>());
  subscribers_.back()->who = who;
}

void health_publisher::remove(const caf::actor_addr& who) {
  std::erase_if(subscribers_, [&](const auto& s) { return s->who == who; });
}

void health_publisher::reset() {
  for (const auto& s : subscribers_)
    s->in_flight = false;
}

void health_publisher::push(const health_change& change) {
  for (const auto& s : subscribers_) {
    s->missed += s->newest ? 1 : 0;
    s->newest = change;
  }
}

health_changed health_publisher::next(subscriber& s) const {
  health_changed message{pool_, *std::move(s.newest), std::exchange(s.missed, 0)};
  s.newest.reset();
  return message;
}

} // namespace moor::actors
