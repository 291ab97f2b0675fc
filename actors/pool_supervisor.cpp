#include "moor/actors/pool_supervisor.hpp"

#include <string>
#include <type_traits>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/result.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/address.hpp"
#include "moor/actors/on_lane.hpp"
#include "moor/actors/pool_state.hpp"
#include "moor/mongo/fiber_loop.hpp"

namespace moor::actors {

namespace {

/// Has another part answer; a pool may be without one.
template <class Answer, class Self, class Part, class Message>
caf::result<Answer> pass_on(Self* self, const Part& to, const Message& what) {
  if (!to)
    return make_error(errc::invalid_argument, "This pool is without the part that knows of it");
  return self->delegate(to, what);
}

template <class Self, class Message>
void send_on(Self* self, const monitor_actor& to, const Message& what) {
  if (to)
    self->send(to, what);
}

pool_supervisor_actor::behavior_type
pool_behavior(pool_supervisor_actor::stateful_pointer<incarnation<pool_state>> self,
              std::shared_ptr<pool_state> memory, const std::shared_ptr<inbox>& box,
              bool in_the_middle) {
  begin(self, std::move(memory), box, in_the_middle);
  auto* state = self->state.memory.get();
  return {
    // CAF tries one after the other: first those of every request.
    [=](wake) { serve(self); },
    [=](job_done& m) { state->on(m); },
    [=](command& m) { return state->on(m), caf::delegated<document>{}; },
    [=](acquire& m) { return state->on(m), caf::delegated<lease>{}; },
    [=](lease_returned& m) { state->on(m); },
    [=](const run& m) { return state->on(m), caf::delegated<run_result>{}; },
    [=](const tick& m) { state->on(m); },
    [=](const warm& m) { return state->on(m), caf::delegated<warmed>{}; },
    [=](const clear& m) { state->on(m); },
    [=](const drain& m) { return state->on(m), caf::delegated<drained>{}; },
    [=](const close_pool& m) { state->on(m); },
    [=](const get_stats&) { return state->stats(); },
    [=](const get_view&) { return state->view(); },
    [=](const get_leases&) { return state->leases(); },
    [=](const get_leaks& m) { return pass_on<leaks_report>(self, state->leak_detector(), m); },
    [=](const extend_lease& m) { state->on(m); },
    [=](const call_the_roll& m) { state->on(m); },
    [=](const tell_borrower& m) { state->on(m); },
    [=](const revoke_lease& m) { state->on(m); },
    [=](const use_leak_detector& m) { state->on(m); },
    [=](const use_supervisor& m) { state->on(m); },
    [=](const reconfigure& m) { state->on(m); },
    [=](const reload& m) -> caf::result<reload_report> {
      const auto supervisor = state->supervisor();
      if (!supervisor)
        return make_error(errc::stopped);
      auto order = m;
      if (auto why = state->refusal_of_reload())
        order.refusal = std::move(why);
      return self->delegate(supervisor, std::move(order));
    },
    [=](const get_operations& m) { return state->operations(m); },
    [=](const get_parts&) { return state->connections(); },
    [=](const subscribe& m) { state->on(m); },
    [=](const unsubscribe& m) { state->on(m); },
    [=](const get_breaker& m) -> caf::result<breaker_figures> {
      if (m.scope > breaker_scope::establishing)
        return make_error(
          errc::invalid_argument,
          "get_breaker: scope is "
            + std::to_string(static_cast<std::underlying_type_t<breaker_scope>>(m.scope))
            + ", allowed are operations and establishing");
      if (m.scope == breaker_scope::establishing)
        return self->delegate(state->connector(), m);
      return state->breaker();
    },
    [=](const set_breaker& m) { state->on(m); },
    [=](const connect& m) { return self->delegate(state->connector(), m); },
    [=](const get_health& m) { return pass_on<health_report>(self, state->health_monitor(), m); },
    [=](const is_healthy& m) { return pass_on<bool>(self, state->health_monitor(), m); },
    [=](const subscribe_health& m) { send_on(self, state->health_monitor(), m); },
    [=](const unsubscribe_health& m) { send_on(self, state->health_monitor(), m); },
    [=](const check_done& m) { state->on(m); },
    [=](established& m) { state->on(m); },
    [=](const establishing_failed& m) { state->on(m); },
    [=](const server_found& m) { state->on(m); },
    [=](const server_lost& m) { state->on(m); },
    [=](const breaker_moved& m) { state->on(m); },
    [=](const slow_command& m) { state->on(m); },
    [=](const use_connector& m) { state->on(m); },
    [=](const use_monitor& m) { state->on(m); },
    [=](const report_to_monitor& m) { state->on(m); },
    [=](const server_doubted& m) { state->on(m); },
    [=](const health_note& m) { state->on(m); },
    [=](const part_restarted& m) { state->on(m); },
  };
}

/// What comes from the loop is handled there, and what goes there, so that a command wakes no other
/// thread on its way. A result is handled where it is, so that the connection finds its next job
/// before its turn ends. All else is between CAF's own threads, workers and borrowers.
turn_at place_of(const caf::mailbox_element& message) {
  const auto& what = message.content();
  const auto begins_with = what.match_elements<wake>() ? what.get_as<wake>(0) : wake{};
  if (!mongo::fiber_loop::here{})
    return begins_with.command ? turn_at::loop : turn_at::scheduler;
  return begins_with.result ? turn_at::here : turn_at::loop;
}

using pool_base = pool_supervisor_actor::stateful_base<incarnation<pool_state>>;

class pool_on_lane final : public on_lane<pool_base, place_of> {
public:
  pool_on_lane(caf::actor_config& config, std::shared_ptr<mongo::fiber_lane> lane,
               std::shared_ptr<pool_state> memory, std::shared_ptr<inbox> box, bool in_the_middle)
    : on_lane{config, std::move(lane)},
      memory_(std::move(memory)),
      box_(std::move(box)),
      in_the_middle_(in_the_middle) {}

  behavior_type make_behavior() override {
    return pool_behavior(this, std::move(memory_), std::exchange(box_, nullptr), in_the_middle_);
  }

private:
  std::shared_ptr<pool_state> memory_;
  std::shared_ptr<inbox> box_;
  bool in_the_middle_;
};

} // namespace

pool_supervisor_actor pool_state::spawn(caf::actor_system& system,
                                        std::shared_ptr<pool_state> memory,
                                        std::shared_ptr<inbox> box, bool in_the_middle) {
  auto lane = memory->lane();
  if (!lane)
    return system.spawn(pool_behavior, std::move(memory), std::move(box), in_the_middle);
  pool_supervisor_actor spawned = system.spawn<pool_on_lane, caf::lazy_init>(
    std::move(lane), std::move(memory), std::move(box), in_the_middle);
  caf::anon_send(spawned, wake{}); // it begins with its first message
  return spawned;
}

pool_supervisor_part make_pool_supervisor(caf::actor_system& system,
                                          pool_supervisor_options options) {
  auto box = std::make_shared<inbox>(options.config.wait_queue_limit);
  auto address = make_address(system, box);
  auto memory = std::make_shared<pool_state>(system, std::move(options), weak(address), box);
  return {std::make_unique<part_of<pool_state>>(system, std::move(memory), std::move(box)),
          caf::actor_cast<pool_supervisor_actor>(address)};
}

} // namespace moor::actors
