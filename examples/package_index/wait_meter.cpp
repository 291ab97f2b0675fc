#include "wait_meter.hpp"

#include <utility>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "moor/messages/actors.hpp"

namespace package_index {

namespace {

struct meter_state {
  static constexpr const char* name = "wait meter";
  waits seen;
};

caf::behavior wait_meter(caf::stateful_actor<meter_state>* self, const moor::pool_actor& pool) {
  self->send(pool, moor::subscribe{caf::actor_cast<caf::actor>(self)});
  return {
    // Returning at once is the answer that the pool waits for before it sends more.
    [self](const moor::pool_events& batch) {
      self->state.seen.missed += batch.dropped;
      for (const auto& event : batch.events)
        if (event.type == moor::event_type::checked_out)
          self->state.seen.took.push_back(event.took);
    },
    [self, pool](finish) {
      self->send(pool, moor::unsubscribe{caf::actor_cast<caf::actor>(self)});
      self->quit();
      return std::move(self->state.seen);
    },
  };
}

} // namespace

caf::actor spawn_wait_meter(caf::event_based_actor* director, const moor::pool_actor& pool) {
  return director->spawn<caf::linked>(wait_meter, pool);
}

} // namespace package_index
