#include "moor/actors/connector.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/address.hpp"
#include "moor/actors/connector_state.hpp"

namespace moor::actors {

namespace {

/// What the pool may order at once is bounded by `maxConnecting`; the rest is for `connect`.
constexpr std::size_t inbox_limit = 10'000;

connector_actor::behavior_type
connector_behavior(connector_actor::stateful_pointer<incarnation<connector_state>> self,
                   std::shared_ptr<connector_state> memory, const std::shared_ptr<inbox>& box,
                   bool in_the_middle) {
  begin(self, std::move(memory), box, in_the_middle);
  auto* state = self->state.memory.get();
  return {
    [=](wake) { serve(self); },
    [=](const tick& m) { state->on(m); },
    [=](connect m) { return state->on(m), caf::delegated<connected>{}; },
    [=](const establish& m) { state->on(m); },
    [=](const abandon& m) { state->on(m); },
    [=](const pool_paused& m) { state->on(m); },
    [=](const dialled& m) { state->on(m); },
    [=](const get_breaker&) { return state->breaker(); },
    [=](const set_breaker& m) { state->on(m); },
    [=](const reconfigure& m) { state->on(m); },
  };
}

} // namespace

connector_actor connector_state::spawn(caf::actor_system& system,
                                       std::shared_ptr<connector_state> memory,
                                       std::shared_ptr<inbox> box, bool in_the_middle) {
  return system.spawn(connector_behavior, std::move(memory), std::move(box), in_the_middle);
}

connector_part make_connector(caf::actor_system& system, connector_options options,
                              const pool_supervisor_actor& pool) {
  auto box = std::make_shared<inbox>(inbox_limit);
  auto address = make_address(system, box);
  auto memory
    = std::make_shared<connector_state>(system, std::move(options), weak(address),
                                        weak(caf::actor_cast<caf::strong_actor_ptr>(pool)), box);
  return {std::make_unique<part_of<connector_state>>(system, std::move(memory), std::move(box)),
          caf::actor_cast<connector_actor>(address)};
}

} // namespace moor::actors
