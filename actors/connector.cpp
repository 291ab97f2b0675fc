#include "moor/actors/connector.hpp"

#include <chrono>
#include <random>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/alarm.hpp"
#include "moor/actors/link_table.hpp"
#include "moor/actors/ticket.hpp"
#include "moor/machines/connector.hpp"
#include "moor/machines/deadlines.hpp"
#include "moor/mongo/port.hpp"

namespace moor::actors {

namespace {

/// The connector's own connection, which the pool never sees.
constexpr connection_id probe_id = 0;

struct connector_state;
using self_ptr = connector_actor::stateful_pointer<connector_state>;

struct connector_state {
  static constexpr const char* name = "moor.connector";

  explicit connector_state(self_ptr self_pointer) : self(self_pointer) {}

  void init(connector_options opts, pool_supervisor_actor pool_handle) {
    options = std::move(opts);
    pool = std::move(pool_handle);
    machine.emplace(options.config.retry);
    random.seed(options.seed);
  }

  instant now() const { return self->clock().now(); }
  double draw() { return std::uniform_real_distribution<>{}(random); }

  // -- establishing -------------------------------------------------------------------------------

  void start_dialling(connection_id id) {
    ++counters.attempts;
    auto handle = options.driver->make_connection();
    auto actor = spawn_connection(self->system(), options.threads, id, handle);
    self->monitor(actor);
    dialling.add(id, {actor, std::move(handle), {}});
    // The driver bounds itself by the connect timeout; this is for one that does not.
    overdue.set(id + 1, now() + options.config.connect_timeout + grace);
    self->send(actor, dial{});
  }

  void on_dialled(connection_id id, const std::optional<failure>& why) {
    if (dialling.find(id) == nullptr)
      return;
    overdue.remove(id + 1);
    if (why)
      note_error(*why);
    auto l = dialling.take(id);
    self->demonitor(l.actor.address());
    if (id == probe_id)
      end_probe(l, why);
    else if (why)
      end_failed(id, l, *why);
    else {
      machine->establishing_succeeded();
      self->send(pool, established{id, l.actor, std::move(l.handle), counters});
    }
  }

  void end_probe(link& l, const std::optional<failure>& why) {
    self->send(l.actor, hang_up{std::move(l.handle)});
    if (why)
      machine->probe_failed(*why, draw(), now(), effects);
    else
      machine->probe_succeeded(effects);
    carry_out();
  }

  void end_failed(connection_id id, link& l, const failure& why) {
    self->send(l.actor, hang_up{std::move(l.handle)});
    machine->establishing_failed(why, draw(), now(), effects);
    self->send(pool, establishing_failed{id, why, counters});
    carry_out();
  }

  void on_actor_down(const caf::actor_addr& who) {
    if (const auto id = dialling.find(who))
      on_dialled(*id, failure{errc::connect_failed, spoils::connection, 0,
                              "The connection's actor died while it was being established"});
  }

  void note_error(const failure& why) {
    ++counters.errors;
    counters.last_error = describe(why);
    counters.last_error_at = std::chrono::system_clock::now();
  }

  // -- the machine --------------------------------------------------------------------------------

  void carry_out() {
    for (auto& e : std::exchange(effects, {}))
      std::visit([this](auto& what) { apply(what); }, e);
    alarm_.set(self, std::min(machine->next_probe(), overdue.next()), now());
  }

  void apply(const machines::probe&) { start_dialling(probe_id); }

  void apply(const machines::announce_found& found) {
    if (found.again)
      ++counters.reconnections;
    self->send(pool, server_found{counters});
    for (auto& t : std::exchange(starting, {}))
      t.answer(connected{counters.attempts});
  }

  void apply(const machines::announce_lost& lost) {
    self->send(pool, server_lost{lost.why, counters});
  }

  void apply(const machines::give_up& gave_up) {
    auto why = gave_up.why;
    why.text += " (after " + std::to_string(gave_up.attempts)
                + (gave_up.attempts == 1 ? " attempt)" : " attempts)");
    for (auto& t : std::exchange(starting, {}))
      t.refuse(make_error(why));
  }

  void on_tick() {
    while (const auto number = overdue.take_over(now()))
      if (auto* l = dialling.find(number - 1))
        l->handle->interrupt();
    machine->timer(now(), effects);
    carry_out();
  }

  static constexpr duration grace = std::chrono::milliseconds{500};

  self_ptr self;
  connector_options options;
  pool_supervisor_actor pool;
  std::optional<machines::connector> machine;
  machines::connector_effects effects;
  link_table dialling;
  machines::deadlines overdue; // by connection number + 1, since 0 is none
  connector_counters counters;
  std::vector<ticket> starting;
  std::mt19937_64 random;
  alarm alarm_;
};

connector_actor::behavior_type connector_behavior(self_ptr self, connector_options options,
                                                  pool_supervisor_actor pool) {
  self->monitor(pool);
  self->state.init(std::move(options), std::move(pool));
  self->set_down_handler([self](const caf::down_msg& down) {
    if (down.source == self->state.pool.address())
      self->quit();
    else
      self->state.on_actor_down(down.source);
  });
  return {
    [self](connect) -> caf::delegated<connected> {
      auto& s = self->state;
      s.starting.emplace_back(self->make_response_promise());
      if (s.machine->current() == machines::connector::phase::connected)
        s.apply(machines::announce_found{});
      s.machine->start(s.now(), s.effects);
      s.carry_out();
      return {};
    },
    [self](const establish& order) {
      self->state.start_dialling(order.connection);
      self->state.carry_out();
    },
    [self](const abandon& order) { self->state.dialling.cut(order.connection); },
    [self](const pool_paused&) {
      auto& s = self->state;
      s.machine->pool_cleared(s.draw(), s.now(), s.effects);
      s.carry_out();
    },
    [self](const dialled& d) { self->state.on_dialled(d.connection, d.why); },
    [self](const tick& t) {
      if (self->state.alarm_.rings(t))
        self->state.on_tick();
    },
  };
}

} // namespace

connector_actor spawn_connector(caf::actor_system& system, connector_options options,
                                pool_supervisor_actor pool) {
  return system.spawn(connector_behavior, std::move(options), std::move(pool));
}

} // namespace moor::actors
