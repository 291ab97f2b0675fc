#include "moor/actors/exporter.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/address.hpp"
#include "moor/actors/exporter_state.hpp"

namespace moor::actors {

namespace {

/// Only `acquire`, `run` and `command` are limited, and none of them comes here.
constexpr std::size_t inbox_limit = 1;

exporter_actor::behavior_type
exporter_behavior(exporter_actor::stateful_pointer<incarnation<exporter_state>> self,
                  std::shared_ptr<exporter_state> memory, const std::shared_ptr<inbox>& box,
                  bool in_the_middle) {
  begin(self, std::move(memory), box, in_the_middle);
  auto* state = self->state.memory.get();
  return {
    [=](const use_supervisor& m) { state->on(m); },
    [=](const look_soon& m) { state->on(m); },
    [=](const reconfigure& m) { state->on(m); },
    [=](show_settings& m) { state->on(m); },
    [=](wake) { serve(self); },
    [=](const tick& m) { state->on(m); },
  };
}

} // namespace

exporter_actor exporter_state::spawn(caf::actor_system& system,
                                     std::shared_ptr<exporter_state> memory,
                                     std::shared_ptr<inbox> box, bool in_the_middle) {
  return system.spawn(exporter_behavior, std::move(memory), std::move(box), in_the_middle);
}

exporter_part make_exporter(caf::actor_system& system, exporter_options options,
                            const pool_supervisor_actor& pool) {
  auto box = std::make_shared<inbox>(inbox_limit);
  const auto address = caf::actor_cast<exporter_actor>(make_address(system, box));
  auto rings
    = std::make_shared<const board::bell>([address] { caf::anon_send(address, look_soon{}); });
  options.shown->hang(rings);
  auto memory = std::make_shared<exporter_state>(
    std::move(options), weak(caf::actor_cast<caf::strong_actor_ptr>(pool)), box, std::move(rings));
  return {std::make_unique<part_of<exporter_state>>(system, std::move(memory), std::move(box)),
          address};
}

} // namespace moor::actors
