#include "moor/actors/monitor.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/address.hpp"
#include "moor/actors/monitor_state.hpp"

namespace moor::actors {

namespace {

/// Only `acquire`, `run` and `command` are limited, and none of them comes here.
constexpr std::size_t inbox_limit = 1;

monitor_actor::behavior_type
monitor_behavior(monitor_actor::stateful_pointer<incarnation<monitor_state>> self,
                 std::shared_ptr<monitor_state> memory, const std::shared_ptr<inbox>& box,
                 bool in_the_middle) {
  begin(self, std::move(memory), box, in_the_middle);
  auto* state = self->state.memory.get();
  return {
    [=](wake) { serve(self); },
    [=](const tick& m) { state->on(m); },
    [=](const get_health&) { return state->report(); },
    [=](const is_healthy&) { return state->healthy(); },
    [=](const subscribe_health& m) { state->on(m); },
    [=](const unsubscribe_health& m) { state->on(m); },
    [=](const pool_news& m) { state->on(m); },
    [=](const breaker_news& m) { state->on(m); },
    [=](const dialled& m) { state->on(m); },
    [=](const examined& m) { state->on(m); },
    [=](const reconfigure& m) { state->on(m); },
  };
}

} // namespace

monitor_actor monitor_state::spawn(caf::actor_system& system, std::shared_ptr<monitor_state> memory,
                                   std::shared_ptr<inbox> box, bool in_the_middle) {
  return system.spawn(monitor_behavior, std::move(memory), std::move(box), in_the_middle);
}

monitor_part make_monitor(caf::actor_system& system, monitor_options options,
                          const pool_supervisor_actor& pool) {
  auto box = std::make_shared<inbox>(inbox_limit);
  auto address = make_address(system, box);
  auto memory
    = std::make_shared<monitor_state>(system, std::move(options), weak(address),
                                      weak(caf::actor_cast<caf::strong_actor_ptr>(pool)), box);
  return {std::make_unique<part_of<monitor_state>>(system, std::move(memory), std::move(box)),
          caf::actor_cast<monitor_actor>(address)};
}

} // namespace moor::actors
