#include "moor/actors/pool_supervisor.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include "moor/actors/pool_state.hpp"

namespace moor::actors {

namespace {

pool_supervisor_actor::behavior_type
pool_behavior(pool_state::self_ptr self, pool_supervisor_options options, const pool_actor& front) {
  auto* state = &self->state;
  const auto front_address = front ? front.address() : self->address();
  if (front)
    self->monitor(front);
  self->set_down_handler([self, state, front_address](const caf::down_msg& down) {
    if (down.source == front_address)
      self->quit();
    else
      state->on_down(down.source);
  });
  state->init(std::move(options), caf::actor_cast<caf::weak_actor_ptr>(front_address));
  return {
    [state](acquire& m) { return state->on(m), caf::delegated<lease>{}; },
    [state](run& m) { return state->on(m), caf::delegated<run_result>{}; },
    [state](command& m) { return state->on(m), caf::delegated<document>{}; },
    [state](const warm& m) { return state->on(m), caf::delegated<warmed>{}; },
    [state](const clear& m) { state->on(m); },
    [state](const drain& m) { return state->on(m), caf::delegated<drained>{}; },
    [state](const close_pool& m) { state->on(m); },
    [state](const get_stats&) { return state->stats(); },
    [state](const subscribe& m) { state->on(m); },
    [state](const unsubscribe& m) { state->on(m); },
    [state](lease_returned& m) { state->on(m); },
    [state](job_done& m) { state->on(m); },
    [state](const check_done& m) { state->on(m); },
    [state](established& m) { state->on(m); },
    [state](const establishing_failed& m) { state->on(m); },
    [state](const server_found& m) { state->on(m); },
    [state](const server_lost& m) { state->on(m); },
    [state](use_connector& m) { state->on(m); },
    [state](const tick& m) { state->on(m); },
  };
}

} // namespace

pool_supervisor_actor spawn_pool_supervisor(caf::actor_system& system,
                                            pool_supervisor_options options,
                                            const pool_actor& front) {
  return system.spawn(pool_behavior, std::move(options), front);
}

} // namespace moor::actors
