#include "moor/actors/leak_detector.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/address.hpp"
#include "moor/actors/leak_detector_state.hpp"

namespace moor::actors {

namespace {

/// Only `acquire`, `run` and `command` are limited, and none of them comes here.
constexpr std::size_t inbox_limit = 1;

leak_detector_actor::behavior_type
leak_detector_behavior(leak_detector_actor::stateful_pointer<incarnation<leak_detector_state>> self,
                       std::shared_ptr<leak_detector_state> memory,
                       const std::shared_ptr<inbox>& box, bool in_the_middle) {
  begin(self, std::move(memory), box, in_the_middle);
  auto* state = self->state.memory.get();
  return {
    [=](wake) { serve(self); },
    [=](const tick& m) { state->on(m); },
    [=](const get_leaks&) { return state->report(); },
    [=](const lease_roll& m) { state->on(m); },
    [=](const reconfigure& m) { state->on(m); },
  };
}

} // namespace

leak_detector_actor leak_detector_state::spawn(caf::actor_system& system,
                                               std::shared_ptr<leak_detector_state> memory,
                                               std::shared_ptr<inbox> box, bool in_the_middle) {
  return system.spawn(leak_detector_behavior, std::move(memory), std::move(box), in_the_middle);
}

leak_detector_part make_leak_detector(caf::actor_system& system, leak_detector_options options,
                                      const pool_supervisor_actor& pool) {
  auto box = std::make_shared<inbox>(inbox_limit);
  auto address = make_address(system, box);
  auto memory = std::make_shared<leak_detector_state>(
    std::move(options), weak(address), weak(caf::actor_cast<caf::strong_actor_ptr>(pool)));
  return {std::make_unique<part_of<leak_detector_state>>(system, std::move(memory), std::move(box)),
          caf::actor_cast<leak_detector_actor>(address)};
}

} // namespace moor::actors
