// Other settings come into force in a pool under its supervisor, whichever of its parts dies
// meanwhile.
#define CAF_SUITE reload

#include "runtime/supervision_rig.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "moor/runtime/component.hpp"
#include "support/patience.hpp"

using namespace moor;
using namespace moor::test;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

/// A pool whose driver is another one, with a script of its own, if its connection string is.
class reload_rig : public supervision_rig {
public:
  reload_rig() {
    make_driver = [this](const settings& wanted) {
      if (wanted.uri != config.uri)
        make_driver_of_next();
      return std::variant<std::shared_ptr<mongo::driver>, failure>{wanted.uri == config.uri ? driver
                                                                                            : next};
    };
  }

  /// Asks, and lets nobody handle anything yet.
  answer_ptr<reload_report> send(const settings& wanted, std::vector<finding> findings = {}) {
    return send({std::make_shared<const settings>(wanted), {}, std::move(findings)});
  }

  answer_ptr<reload_report> send(const reload& order) {
    auto got = std::make_shared<answer<reload_report>>();
    got->asker = sys.spawn([=, this](caf::event_based_actor* me) -> caf::behavior {
      me->request(pool, caf::infinite, order)
        .then([got](reload_report& value) { got->values.push_back(std::move(value)); },
              [got](caf::error& err) { got->errors.push_back(std::move(err)); });
      return {[](int) {}};
    });
    return got;
  }

  answer_ptr<reload_report> put_into_force(const settings& wanted) {
    auto got = send(wanted);
    settle();
    return got;
  }

  settings with_size(std::size_t most) const {
    auto s = config;
    s.max_pool_size = most;
    return s;
  }

  settings with_other_credentials(std::size_t most = 2) const {
    auto s = with_size(most);
    s.uri = "mongodb://alice:secret@fake";
    return s;
  }

  bool said(const std::string& words) const {
    return std::any_of(log.begin(), log.end(), [&](const auto& line) { return has(line, words); });
  }

  /// The reasons of closing that were told, in order.
  std::string closings() {
    std::string all;
    for (const auto& e : events)
      if (e.type == event_type::connection_closed)
        all += (all.empty() ? "" : ", ") + std::string{to_string(e.reason)};
    return all;
  }

  std::shared_ptr<fake_driver> next = std::make_shared<fake_driver>();
  /// Called before that one is handed out.
  std::function<void()> make_driver_of_next = [] {};
};

/// Changes size and driver with `victim` killed before step `at`. Returns whether that was reached.
bool killed_at(const std::string& victim, int at) {
  reload_rig rig;
  rig.config.health.interval = 1h;
  rig.start();
  const auto out = rig.ask_lease();
  CAF_REQUIRE(out->granted());
  const auto target = rig.part(victim);
  bool reached = false;
  rig.steps = 0;
  rig.before_step = [&] {
    if (rig.steps == at && !std::exchange(reached, true))
      supervision_rig::kill(target);
  };
  const auto got = rig.put_into_force(rig.with_other_credentials(3));
  rig.recover();
  CAF_REQUIRE_EQUAL(got->count(), 1u);
  CAF_CHECK(got->granted());
  CAF_CHECK(out->values[0]);
  CAF_CHECK_EQUAL(rig.stats().max_size, 3u); // the pool follows
  const auto before = rig.next->script->made.load();
  const auto others = rig.driver->script->made.load();
  const auto another = rig.ask_lease(); // so does the connector
  rig.recover();
  CAF_CHECK(another->granted());
  CAF_CHECK_EQUAL(rig.driver->script->made.load(), others);
  CAF_CHECK(rig.next->script->made.load() > before);
  out->values.clear();
  another->values.clear();
  rig.settle();
  rig.recover();
  const auto s = rig.stats();
  CAF_CHECK_EQUAL(s.granted, s.returned + s.revoked + s.out);
  CAF_CHECK_EQUAL(s.revoked, 0u);
  CAF_CHECK(s.total <= 3u);
  // Nothing of the old kind is left: neither the lease's connection nor the monitor's.
  CAF_CHECK_EQUAL(rig.driver->script->open.load(), 0);
  return reached;
}

} // namespace

CAF_TEST(sizes change without a new connection) {
  reload_rig rig;
  rig.start();
  const auto first = rig.ask_lease();
  const auto second = rig.ask_lease();
  const auto waits = rig.ask_lease();
  const auto made = rig.driver->script->made.load();
  const auto got = rig.put_into_force(rig.with_size(3));
  CAF_REQUIRE(got->granted());
  const auto& report = got->values.front();
  CAF_CHECK(report.changed == std::vector<changed_setting>{{"max-pool-size", "2", "3"}});
  CAF_CHECK(report.needs_restart.empty());
  CAF_CHECK(!report.rotates);
  CAF_CHECK(waits->granted());
  CAF_CHECK_EQUAL(rig.driver->script->made.load(), made + 1);
  CAF_CHECK(rig.said("event=reloaded generation=2 replaces_connections=no "
                     "changed=\"max-pool-size: 2 -> 3\""));
}

CAF_TEST(a smaller maximum warns while more are lent) {
  reload_rig rig;
  rig.start();
  const auto first = rig.ask_lease();
  const auto second = rig.ask_lease();
  const auto got = rig.put_into_force(rig.with_size(1));
  CAF_REQUIRE(got->granted());
  CAF_REQUIRE_EQUAL(got->values.front().warnings.size(), 1u);
  CAF_CHECK(has(got->values.front().warnings.front(), "2 connections are in use"));
  first->values.clear();
  rig.settle();
  CAF_CHECK_EQUAL(rig.stats().total, 1u);
  CAF_CHECK_EQUAL(rig.closings(), "surplus");
  CAF_CHECK(second->values[0]);
}

CAF_TEST(the same settings change nothing) {
  reload_rig rig;
  rig.start();
  const auto got = rig.put_into_force(rig.config);
  CAF_REQUIRE(got->granted());
  CAF_CHECK(got->values.front().changed.empty());
  CAF_CHECK(rig.said("event=reload_unchanged"));
}

CAF_TEST(what needs a restart is told and stays) {
  reload_rig rig;
  rig.start();
  auto wanted = rig.with_size(3);
  wanted.endpoint.listen = "127.0.0.1:9464";
  const auto got = rig.put_into_force(wanted);
  CAF_REQUIRE(got->granted());
  const std::vector<changed_setting> expected{{"http-listen", "none", "127.0.0.1:9464"}};
  CAF_CHECK(got->values.front().needs_restart == expected);
  CAF_CHECK_EQUAL(got->values.front().changed.size(), 1u);
  const auto again = rig.put_into_force(wanted); // it is still another one
  CAF_REQUIRE(again->granted());
  CAF_CHECK(again->values.front().needs_restart == expected);
  CAF_CHECK(again->values.front().changed.empty());
}

CAF_TEST(settings that do not hold are refused with every finding and change nothing) {
  reload_rig rig;
  rig.start();
  auto wanted = rig.with_size(0);
  wanted.min_pool_size = 20'000;
  wanted.socket_timeout = 0s;
  const auto got = rig.put_into_force(wanted);
  CAF_REQUIRE(got->refused(errc::invalid_argument));
  const auto text = describe(got->errors.front());
  for (const char* key : {"max-pool-size", "min-pool-size", "socket-timeout", "stay in force"})
    CAF_CHECK(has(text, key));
  CAF_CHECK_EQUAL(rig.stats().max_size, 2u);
}

CAF_TEST(what whoever read the settings found refuses them) {
  reload_rig rig;
  rig.start();
  const auto got = rig.send(rig.with_size(3), {{.setting = "max-pol-size",
                                                .value = {},
                                                .where = "the config file",
                                                .problem = "is not a setting of moor",
                                                .advice = ""}});
  rig.settle();
  CAF_REQUIRE(got->refused(errc::invalid_argument));
  CAF_CHECK(has(describe(got->errors.front()), "max-pol-size"));
  CAF_CHECK_EQUAL(rig.stats().max_size, 2u);
}

CAF_TEST(a request without settings is refused also if its findings are warnings alone) {
  reload_rig rig;
  rig.start();
  finding warning{.setting = "tls", .value = {}, .where = "", .problem = "is off", .advice = ""};
  warning.grade = severity::warning;
  for (const auto& findings : {std::vector<finding>{}, std::vector<finding>{warning}}) {
    const auto got = rig.send(reload{nullptr, {}, findings});
    rig.settle();
    CAF_REQUIRE(got->refused(errc::invalid_argument));
    CAF_CHECK(has(describe(got->errors.front()), "no settings in the request"));
  }
  CAF_CHECK(rig.put_into_force(rig.with_size(3))->granted());
}

CAF_TEST(settings for a pool of another name are refused whole) {
  reload_rig rig;
  rig.start();
  auto wanted = rig.with_size(3);
  wanted.name = "orders";
  const auto got = rig.put_into_force(wanted);
  CAF_REQUIRE(got->refused(errc::invalid_argument));
  CAF_CHECK(has(describe(got->errors.front()), "for a pool of the name \"orders\""));
  CAF_CHECK(rig.said("pool=\"default\" event=reload_refused cause=\"reload: the settings are for"));
  CAF_CHECK_EQUAL(rig.stats().max_size, 2u);
}

CAF_TEST(a rotation replaces connections and disturbs no lease) {
  reload_rig rig;
  rig.config.max_pool_size = 4;
  rig.start();
  const auto lent = rig.ask_lease();
  rig.ask_lease()->values.clear();
  rig.settle();
  const auto got = rig.put_into_force(rig.with_other_credentials(4));
  CAF_REQUIRE(got->granted());
  const auto& report = got->values.front();
  CAF_CHECK(report.rotates);
  CAF_REQUIRE_EQUAL(report.changed.size(), 1u);
  CAF_CHECK_EQUAL(report.changed[0].key, "uri");
  for (const auto& line : rig.log)
    CAF_CHECK(!has(line, "secret") && !has(line, "alice"));
  CAF_CHECK(!has(report.changed[0].after, "secret") && !has(report.changed[0].after, "alice"));
  CAF_CHECK(lent->values[0]);
  CAF_CHECK_EQUAL(rig.driver->script->open.load(), 1);
  lent->values.clear();
  rig.settle();
  rig.pass(1s); // a background run
  CAF_CHECK_EQUAL(rig.driver->script->open.load(), 0);
  CAF_CHECK(rig.next->script->open.load() > 0);
  CAF_CHECK_EQUAL(rig.closings(), "rotated, rotated");
  CAF_CHECK_EQUAL(rig.stats().generation, 0u);
}

CAF_TEST(a server that cannot be reached leaves everything as it is and says why) {
  reload_rig rig;
  rig.start();
  const auto lent = rig.ask_lease();
  rig.next->script->next_establish(
    failure{errc::authentication_failed, spoils::generation, 18, "the server said no"});
  const auto got = rig.put_into_force(rig.with_other_credentials(5));
  CAF_REQUIRE(got->refused(errc::authentication_failed));
  CAF_CHECK(has(describe(got->errors.front()), "the server said no"));
  CAF_CHECK(has(describe(got->errors.front()), "stay in force"));
  CAF_CHECK(rig.said("event=reload_refused cause=\"the server said no"));
  CAF_CHECK_EQUAL(rig.stats().max_size, 2u);
  CAF_CHECK_EQUAL(rig.stats().generation, 0u);
  CAF_CHECK(rig.ask_lease()->granted());
  CAF_CHECK_EQUAL(rig.next->script->made.load(), 1);
}

CAF_TEST(other servers need a restart and the rest comes into force) {
  reload_rig rig;
  rig.start();
  rig.next->at = "other:27017";
  const auto got = rig.put_into_force(rig.with_other_credentials(3));
  CAF_REQUIRE(got->granted());
  const auto& report = got->values.front();
  CAF_REQUIRE_EQUAL(report.needs_restart.size(), 1u);
  CAF_CHECK_EQUAL(report.needs_restart[0].key, "uri");
  CAF_CHECK(!report.rotates);
  CAF_CHECK_EQUAL(rig.stats().max_size, 3u);
  CAF_CHECK_EQUAL(rig.next->script->made.load(), 0);
}

CAF_TEST(a lost server is found at once by what was just seen to work) {
  reload_rig rig;
  rig.config.retry.first_delay = rig.config.retry.longest_delay = 1h;
  rig.config.retry.reconnect_share = 0;
  rig.start();
  rig.driver->script->next_establish(
    failure{errc::authentication_failed, spoils::generation, 18, "no"});
  caf::anon_send(rig.pool, clear{});
  rig.settle();
  CAF_CHECK(rig.stats().phase == pool_phase::paused);
  auto wanted = rig.with_other_credentials();
  const auto got = rig.put_into_force(wanted);
  CAF_CHECK(got->granted());
  CAF_CHECK(rig.stats().phase == pool_phase::ready);
}

CAF_TEST(a pool that ends takes no other settings) {
  reload_rig rig;
  rig.start();
  const auto lent = rig.ask_lease();
  const auto drain = rig.ask<drained>(moor::drain{1h});
  CAF_CHECK(rig.put_into_force(rig.with_size(3))->refused(errc::draining));
  lent->values.clear();
  rig.settle();
  CAF_CHECK(drain->granted());
  CAF_CHECK(rig.put_into_force(rig.with_size(3))->refused(errc::pool_closed));
}

CAF_TEST(reloads are served in order and only so many wait) {
  reload_rig rig;
  rig.start();
  std::vector<answer_ptr<reload_report>> all;
  for (std::size_t most = 3; most < 13; ++most)
    all.push_back(rig.send(rig.with_size(most)));
  rig.settle();
  const auto granted
    = std::count_if(all.begin(), all.end(), [](const auto& a) { return a->granted(); });
  const auto refused = std::count_if(all.begin(), all.end(),
                                     [](const auto& a) { return a->refused(errc::queue_full); });
  CAF_CHECK_EQUAL(granted + refused, 10);
  CAF_CHECK(granted >= 9);
  auto expected
    = std::find_if(all.rbegin(), all.rend(), [](const auto& a) { return a->granted(); });
  CAF_CHECK_EQUAL(std::to_string(rig.stats().max_size),
                  (*expected)->values.front().changed.front().after);
}

namespace {

/// For a pool without connections of its own, whose trials have hardly any time.
settings hasty_settings() {
  settings config;
  config.uri = "mongodb://fake";
  config.connect_timeout = 1ms;
  config.health.interval = 0s;
  config.min_pool_size = 0;
  return config;
}

} // namespace

CAF_TEST(a trial that takes too long is given up) {
  caf::actor_system_config system_config;
  caf::actor_system system{system_config};
  const auto first = std::make_shared<fake_driver>();
  const auto silent = std::make_shared<fake_driver>();
  // A driver that does not keep to the connect timeout; an interrupt ends its wait.
  silent->script->on_establish([script = silent->script.get()] {
    const auto give_up = std::chrono::steady_clock::now() + forever;
    while (script->interrupts == 0 && std::chrono::steady_clock::now() < give_up)
      std::this_thread::sleep_for(1ms);
  });
  const auto config = hasty_settings();
  component db{
    system,
    {.log = {[](log_level, const std::string&) {}}, .make_driver = [&](const settings& wanted) {
       return std::variant<std::shared_ptr<mongo::driver>, failure>{
         wanted.uri == config.uri ? first : silent};
     }}};
  CAF_REQUIRE(db.start(config));
  auto wanted = config;
  wanted.uri = "mongodb://bob:secret@fake";
  const auto report = db.reload(wanted);
  CAF_REQUIRE(!report);
  CAF_CHECK(code_of(report.error()) == errc::connect_failed);
  CAF_CHECK(has(describe(report.error()), "within the connect timeout"));
  CAF_CHECK_EQUAL(silent->script->interrupts.load(), 1);
  CAF_CHECK(db.reload(config)); // the next one has its turn
}

CAF_TEST(a trial whose files hang is one at most) {
  caf::actor_system_config system_config;
  caf::actor_system system{system_config};
  const auto driver = std::make_shared<fake_driver>();
  std::promise<void> end_of_hang;
  const auto hang = end_of_hang.get_future().share();
  std::atomic<int> trials{0};
  const auto config = hasty_settings();
  component db{
    system,
    {.log = {[](log_level, const std::string&) {}}, .make_driver = [&](const settings& wanted) {
       if (wanted.uri != config.uri && ++trials > 0)
         hang.wait_for(forever);
       return std::variant<std::shared_ptr<mongo::driver>, failure>{driver};
     }}};
  CAF_REQUIRE(db.start(config));
  auto wanted = config;
  wanted.uri = "mongodb://bob:secret@fake";
  const auto given_up = db.reload(wanted);
  CAF_CHECK(!given_up && code_of(given_up.error()) == errc::connect_failed);
  for (int i = 0; i < 3; ++i) {
    const auto busy = db.reload(wanted);
    CAF_REQUIRE(!busy);
    CAF_CHECK(code_of(busy.error()) == errc::queue_full);
    CAF_CHECK(has(describe(busy.error()), "has not ended"));
  }
  CAF_CHECK_EQUAL(trials.load(), 1);
  end_of_hang.set_value();
  const auto give_up = std::chrono::steady_clock::now() + forever;
  bool follows = false;
  while (!follows && std::chrono::steady_clock::now() < give_up)
    follows = static_cast<bool>(db.reload(wanted));
  CAF_CHECK(follows);
}

CAF_TEST(whatever a trial throws refuses the reload) {
  reload_rig rig;
  rig.start();
  rig.make_driver_of_next = [] { throw 7; };
  const auto got = rig.put_into_force(rig.with_other_credentials());
  CAF_REQUIRE(got->refused(errc::connect_failed));
  CAF_CHECK(has(describe(got->errors.front()), "an exception of unknown type"));
  rig.make_driver_of_next = [] {};
  CAF_CHECK(rig.put_into_force(rig.with_other_credentials())->granted());
}

CAF_TEST(the end of the supervisor answers who waits for other settings) {
  reload_rig rig;
  rig.start();
  const auto got = rig.send(rig.with_other_credentials());
  for (int i = 0; i < 4; ++i)
    rig.consume_message();
  caf::anon_send_exit(rig.supervisor, caf::exit_reason::kill);
  rig.settle();
  CAF_CHECK_EQUAL(got->count(), 1u);
}

CAF_TEST(the pool supervisor killed before any step of a reload) {
  int at = 0;
  while (killed_at("pool supervisor", at))
    ++at;
  CAF_CHECK(at > 10);
}

CAF_TEST(the connector killed before any step of a reload) {
  int at = 0;
  while (killed_at("connector", at))
    ++at;
  CAF_CHECK(at > 10);
}

CAF_TEST(the health monitor killed before any step of a reload) {
  int at = 0;
  while (killed_at("health monitor", at))
    ++at;
  CAF_CHECK(at > 10);
}

CAF_TEST(an exception at any place of a reload) {
  for (int at = 0;; ++at) {
    reload_rig rig;
    rig.start();
    int place = 0;
    bool reached = false;
    rig.fault = [&] {
      if (place++ == at) {
        reached = true;
        throw std::runtime_error("a fault");
      }
    };
    const auto got = rig.put_into_force(rig.with_other_credentials(3));
    rig.recover();
    CAF_REQUIRE_EQUAL(got->count(), 1u);
    CAF_CHECK(got->granted());
    CAF_CHECK_EQUAL(rig.stats().max_size, 3u);
    CAF_CHECK(rig.ask_lease()->granted());
    CAF_CHECK_EQUAL(rig.driver->script->open.load(), 0);
    if (!reached)
      return;
  }
}
