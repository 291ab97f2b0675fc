#include "moor/runtime/supervisor.hpp"

#include <sstream>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/connector.hpp"
#include "moor/actors/pool_supervisor.hpp"
#include "moor/machines/restart_policy.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/port.hpp"

namespace moor {

namespace {

struct supervisor_state;
using self_ptr = supervisor_actor::stateful_pointer<supervisor_state>;

struct supervisor_state {
  static constexpr const char* name = "moor.supervisor";

  explicit supervisor_state(self_ptr self_pointer) : self(self_pointer) {}

  void init(supervisor_options opts) {
    options = std::move(opts);
    policy.emplace(options.most_restarts, options.restart_period);
    start_pool();
    schedule_statistics();
  }

  // The connector knows its pool for life, so a new pool gets a new connector.
  void start_pool() {
    const auto front = caf::actor_cast<pool_actor>(self);
    pool = actors::spawn_pool_supervisor(self->system(),
                                         {.config = options.config,
                                          .address = options.driver->address(),
                                          .seed = options.seed,
                                          .first_subscriber = {}},
                                         front);
    self->monitor(pool);
    start_connector();
  }

  void start_connector() {
    connector = actors::spawn_connector(
      self->system(), {options.config, options.driver, options.threads, options.seed}, pool);
    self->monitor(connector);
    self->send(pool, use_connector{connector});
    if (connecting)
      caf::anon_send(connector, connect{});
  }

  void on_down(const caf::down_msg& down) {
    const auto is_pool = down.source == pool.address();
    if (!is_pool && down.source != connector.address())
      return;
    const std::string who = is_pool ? "pool supervisor" : "connector";
    const auto cause = caf::to_string(down.reason);
    if (!policy->allow(self->clock().now())) {
      say("event=escalated actor=\"" + who + "\" cause=\"" + cause + "\"");
      self->quit(down.reason ? down.reason : make_error(errc::stopped));
      return;
    }
    say("event=restarted actor=\"" + who + "\" cause=\"" + cause + "\"");
    if (is_pool)
      start_pool();
    else
      start_connector();
  }

  void say(const std::string& text) const {
    if (options.log)
      options.log("pool=\"" + options.config.name + "\" " + text);
  }

  void schedule_statistics() const {
    if (options.log && options.config.statistics_interval > duration::zero())
      self->delayed_send(self, options.config.statistics_interval, tick{});
  }

  void log_statistics() {
    self->request(pool, options.config.statistics_interval, get_stats{})
      .then([this](const pool_stats& s) { options.log(statistics_line(options.config.name, s)); },
            [this](const caf::error& err) {
              say("event=statistics_missing cause=\"" + describe(err) + "\"");
            });
    schedule_statistics();
  }

  self_ptr self;
  supervisor_options options;
  std::optional<machines::restart_policy> policy;
  pool_supervisor_actor pool;
  connector_actor connector;
  bool connecting = false; // somebody asked for the server: a restarted connector looks for it too
};

supervisor_actor::behavior_type supervisor_behavior(self_ptr self, supervisor_options options) {
  auto* s = &self->state;
  self->set_down_handler([s](const caf::down_msg& down) { s->on_down(down); });
  s->init(std::move(options));
  return {
    [=](acquire& m) { return self->delegate(s->pool, std::move(m)); },
    [=](run& m) { return self->delegate(s->pool, std::move(m)); },
    [=](command& m) { return self->delegate(s->pool, std::move(m)); },
    [=](const warm& m) { return self->delegate(s->pool, m); },
    [=](const clear& m) { return self->delegate(s->pool, m); },
    [=](const drain& m) { return self->delegate(s->pool, m); },
    [=](const close_pool& m) { return self->delegate(s->pool, m); },
    [=](const get_stats& m) { return self->delegate(s->pool, m); },
    [=](const subscribe& m) { return self->delegate(s->pool, m); },
    [=](const unsubscribe& m) { return self->delegate(s->pool, m); },
    [=](lease_returned& m) { return self->delegate(s->pool, std::move(m)); },
    [=](connect m) {
      s->connecting = true;
      return self->delegate(s->connector, m);
    },
    [=](tick) { s->log_statistics(); },
  };
}

} // namespace

supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_options options) {
  return system.spawn(supervisor_behavior, std::move(options));
}

std::string statistics_line(const std::string& pool, const pool_stats& s) {
  std::ostringstream out;
  out << "pool=\"" << pool << "\" event=statistics state=" << to_string(s.phase)
      << " generation=" << s.generation << " total=" << s.total << " in_use=" << s.in_use
      << " available=" << s.available << " pending=" << s.pending << " waiting=" << s.waiting
      << " min=" << s.min_size << " max=" << s.max_size << " granted=" << s.granted
      << " returned=" << s.returned << " revoked=" << s.revoked << " timed_out=" << s.timed_out
      << " refused=" << s.refused << " attempts=" << s.attempts
      << " reconnections=" << s.reconnections << " errors=" << s.errors;
  if (!s.last_error.empty())
    out << " last_error=\"" << s.last_error << '"';
  return out.str();
}

} // namespace moor
