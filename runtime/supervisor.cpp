#include "moor/runtime/supervisor.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/address.hpp"
#include "moor/actors/connector.hpp"
#include "moor/actors/exporter.hpp"
#include "moor/actors/leak_detector.hpp"
#include "moor/actors/log_fields.hpp"
#include "moor/actors/monitor.hpp"
#include "moor/actors/pool_supervisor.hpp"
#include "moor/machines/restart_policy.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/port.hpp"
#include "moor/runtime/reload_desk.hpp"
#include "moor/runtime/settings_change.hpp"

namespace moor {

namespace {

struct child {
  std::unique_ptr<actors::part> what;
  caf::actor actor = {}; // null between its death and its restart
  std::uint64_t restarts = 0;
};

struct supervision {
  std::string pool;
  duration statistics_interval{0};
  restart_settings restart;
  logger log;
  caf::weak_actor_ptr address;
  reload_desk_options reloads;
  std::vector<child> children;            // a later one may need an earlier one
  std::deque<restart_note> restarts = {}; // the latest
};
using supervision_ptr = std::shared_ptr<supervision>;

struct supervisor_state {
  static constexpr const char* name = "moor.supervisor";
  using self_ptr = supervisor_actor::stateful_pointer<supervisor_state>;

  explicit supervisor_state(self_ptr self_pointer) : self(self_pointer) {}

  /// However it ends, nothing is left behind: its children end when they notice, and their
  /// memories with them.
  ~supervisor_state() {
    if (!what)
      return;
    for (const auto& c : what->children)
      if (c.actor)
        caf::anon_send_exit(c.actor, caf::exit_reason::user_shutdown);
    actors::end_address(what->address, caf::exit_reason::kill);
  }

  void init(supervision_ptr of_what) {
    what = std::move(of_what);
    policy.emplace(what->restart);
    reloads.emplace(self, std::move(what->reloads), [this](const settings& now) { follow(now); });
    keep_alive = caf::actor_cast<caf::strong_actor_ptr>(self);
    for (auto& c : what->children)
      start(c, false);
    schedule_statistics();
  }

  /// Other settings are in force.
  void follow(const settings& now) {
    policy->reconfigure(now.restart);
    if (std::exchange(what->statistics_interval, now.statistics_interval)
        != now.statistics_interval)
      schedule_statistics();
  }

  void start(child& c, bool in_the_middle) const {
    c.actor = c.what->start(in_the_middle);
    self->monitor(c.actor);
  }

  void on_down(const caf::down_msg& down) {
    auto& all = what->children;
    const auto dead = std::find_if(all.begin(), all.end(), [&](const child& c) {
      return c.actor && c.actor.address() == down.source;
    });
    if (dead == all.end())
      return;
    dead->actor = nullptr;
    if (ending)
      return end_if_alone();
    const auto cause = caf::to_string(down.reason);
    const auto delay = policy->on_death(self->clock().now());
    if (!delay) {
      say(log_level::error, "escalated", *dead, cause);
      return end(down.reason ? down.reason : make_error(errc::stopped));
    }
    say(log_level::warning, "restarted", *dead, cause);
    ++dead->restarts;
    note_restart(dead->what->name(), cause);
    tell_pool(part_restarted{});
    // Only a kill comes between two messages.
    const start_part order{static_cast<std::size_t>(dead - all.begin()),
                           down.reason != caf::exit_reason::kill};
    if (*delay == duration::zero())
      start(*dead, order.in_the_middle);
    else
      self->delayed_send(self, *delay, order);
  }

  void end(const caf::error& why) {
    if (ending)
      return;
    ending = why;
    reloads->end();
    for (const auto& c : what->children)
      if (c.actor)
        caf::anon_send_exit(c.actor, caf::exit_reason::user_shutdown);
    end_if_alone();
  }

  void end_if_alone() {
    const auto runs = [](const child& c) { return static_cast<bool>(c.actor); };
    if (std::any_of(what->children.begin(), what->children.end(), runs))
      return;
    for (const auto& c : what->children)
      c.what->end(make_error(errc::stopped));
    actors::end_address(what->address, ending);
    reloads.reset();
    what.reset();
    keep_alive = nullptr;
    self->quit(ending);
  }

  void note_restart(std::string part, std::string cause) const {
    constexpr std::size_t most_kept = 25;
    using namespace std::chrono;
    auto& all = what->restarts;
    if (all.size() == most_kept)
      all.pop_front();
    all.push_back({std::move(part), std::move(cause),
                   duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()});
  }

  parts_view view() const {
    parts_view all;
    if (!what)
      return all;
    for (const auto& c : what->children)
      all.parts.push_back(
        {c.what->name(), static_cast<bool>(c.actor), c.restarts, c.what->waiting()});
    all.restarts.assign(what->restarts.begin(), what->restarts.end());
    all.reloads = reloads->figures();
    return all;
  }

  parts list() const {
    parts all;
    for (const auto& c : what->children)
      all.push_back({c.what->name(), c.actor, c.restarts});
    return all;
  }

  void say(log_level level, const char* event, const child& c, const std::string& cause) const {
    what->log(level, "pool=" + actors::quoted(what->pool) + " event=" + event + " actor="
                       + actors::quoted(c.what->name()) + " cause=" + actors::quoted(cause));
  }

  template <class Message>
  void tell_pool(Message message) {
    if (const auto pool = caf::actor_cast<caf::strong_actor_ptr>(what->address))
      caf::anon_send(caf::actor_cast<pool_supervisor_actor>(pool), std::move(message));
  }

  void schedule_statistics() {
    ++statistics_round;
    if (what->statistics_interval > duration::zero())
      self->delayed_send(self, what->statistics_interval, tick{statistics_round});
  }

  void log_statistics(const tick& round) {
    if (!what || round.number != statistics_round)
      return;
    if (const auto pool = caf::actor_cast<caf::strong_actor_ptr>(what->address))
      self
        ->request(caf::actor_cast<pool_supervisor_actor>(pool), what->statistics_interval,
                  get_stats{})
        .then([of = what](
                const pool_stats& s) { of->log(log_level::info, statistics_line(of->pool, s)); },
              [of = what](const caf::error& err) {
                of->log(log_level::warning, "pool=\"" + of->pool
                                              + "\" event=statistics_missing cause=\""
                                              + describe(err) + '"');
              });
    schedule_statistics();
  }

  self_ptr self;
  supervision_ptr what; // null once ended
  std::optional<machines::restart_policy> policy;
  std::optional<reload_desk> reloads; // while `what` is there
  std::uint64_t statistics_round = 0; // an earlier one is of another interval
  caf::strong_actor_ptr keep_alive;   // a supervisor ends by message, not for want of handles
  caf::error ending;                  // why it ends, once it does
};

supervisor_actor::behavior_type supervisor_behavior(supervisor_state::self_ptr self,
                                                    supervision_ptr what) {
  auto* s = &self->state;
  self->set_down_handler([s](const caf::down_msg& down) { s->on_down(down); });
  // One linked to it that ends well is none of its business.
  self->set_exit_handler([s](const caf::exit_msg& exit) {
    if (exit.reason)
      s->end(exit.reason);
  });
  s->init(std::move(what));
  return {
    [s](get_parts) { return s->list(); },
    [s](get_parts_view) { return s->view(); },
    [s](start_part order) {
      if (!s->ending)
        s->start(s->what->children.at(order.index), order.in_the_middle);
    },
    [s](const reload& order) -> caf::result<reload_report> {
      if (s->ending)
        return make_error(errc::stopped);
      return s->reloads->on(order), caf::delegated<reload_report>{};
    },
    [s](const settings_tried& result) {
      if (s->reloads)
        s->reloads->on(result);
    },
    [s](trial_overdue message) {
      if (s->reloads)
        s->reloads->on(message);
    },
    [s](const tick& round) { s->log_statistics(round); },
  };
}

/// Null, and so CAF's scheduler, also if there are no threads for a lane: the pool does as well
/// there, and its connections say what they lack.
std::shared_ptr<mongo::fiber_lane> lane_for(const supervisor_options& options) {
  try {
    return options.driver->lane();
  } catch (const std::system_error& problem) {
    options.log(log_level::warning, "pool=" + actors::quoted(options.config.name)
                                      + " event=no_lane cause=" + actors::quoted(problem.what()));
    return nullptr;
  }
}

} // namespace

supervised_pool spawn_supervised_pool(caf::actor_system& system, supervisor_options options) {
  auto pool = actors::make_pool_supervisor(system, {.config = options.config,
                                                    .address = options.driver->address(),
                                                    .threads = options.threads,
                                                    .lane = lane_for(options),
                                                    .seed = options.seed,
                                                    .may_fail = options.may_fail,
                                                    .log = options.log});
  auto connector = actors::make_connector(
    system,
    {options.config, options.driver, options.threads, options.seed, options.may_fail, options.log},
    pool.address);
  auto monitor = actors::make_monitor(
    system, {options.config, options.driver, options.threads, options.may_fail, options.log},
    pool.address);
  auto detector = actors::make_leak_detector(
    system, {options.config, options.may_fail, options.log}, pool.address);
  sourced_settings in_force{options.config, std::move(options.from)};
  actors::exporter_options exports{options.config, views_of(in_force), options.driver->address()};
  if (options.registry)
    exports.registry = std::move(options.registry);
  if (options.board)
    exports.shown = std::move(options.board);
  exports.may_fail = options.may_fail;
  exports.log = options.log;
  auto exporter = actors::make_exporter(system, std::move(exports), pool.address);
  caf::anon_send(pool.address, use_connector{connector.address});
  caf::anon_send(pool.address, use_monitor{monitor.address});
  caf::anon_send(pool.address, use_leak_detector{detector.address});
  const auto address = caf::actor_cast<caf::strong_actor_ptr>(pool.address);
  reload_desk_options reloads{std::move(in_force),
                              options.driver,
                              std::move(options.make_driver),
                              options.threads,
                              options.log,
                              {actors::weak(address), connector.address, monitor.address,
                               detector.address, exporter.address}};
  auto what = std::make_shared<supervision>(supervision{options.config.name,
                                                        options.config.statistics_interval,
                                                        options.config.restart,
                                                        std::move(options.log),
                                                        actors::weak(address),
                                                        std::move(reloads),
                                                        {}});
  what->children.push_back({std::move(pool.supervised)});
  what->children.push_back({std::move(connector.supervised)});
  what->children.push_back({std::move(monitor.supervised)});
  what->children.push_back({std::move(detector.supervised)});
  what->children.push_back({std::move(exporter.supervised)});
  auto supervisor = system.spawn(supervisor_behavior, std::move(what));
  actors::set_owner(address, caf::actor_cast<caf::actor>(supervisor));
  const use_supervisor introduction{
    caf::actor_cast<caf::weak_actor_ptr>(caf::actor_cast<caf::strong_actor_ptr>(supervisor))};
  caf::anon_send(exporter.address, introduction);
  caf::anon_send(pool.address, introduction);
  return {std::move(pool.address), std::move(supervisor)};
}

std::string statistics_line(const std::string& pool, const pool_stats& s) {
  std::ostringstream out;
  out << "pool=\"" << pool << "\" event=statistics state=" << to_string(s.phase)
      << " health=" << to_string(s.health) << " generation=" << s.generation << " total=" << s.total
      << " in_use=" << s.in_use << " available=" << s.available << " pending=" << s.pending
      << " closing=" << s.closing << " waiting=" << s.waiting << " min=" << s.min_size
      << " max=" << s.max_size << " granted=" << s.granted << " returned=" << s.returned
      << " revoked=" << s.revoked << " timed_out=" << s.timed_out << " refused=" << s.refused
      << " shed=" << s.shed << " retried=" << s.retried
      << " retries_withheld=" << s.retries_withheld << " attempts=" << s.attempts
      << " reconnections=" << s.reconnections << " errors=" << s.errors
      << " restarts=" << s.restarts;
  if (!s.last_error.empty())
    out << " last_error=\"" << s.last_error << '"';
  return out.str();
}

} // namespace moor
