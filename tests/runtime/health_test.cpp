// The health monitor of a supervised pool over the fake driver: what it sees, what it clears the
// pool for, who is told, and that its death goes unnoticed.
#define CAF_SUITE health_monitor

#include "runtime/supervision_rig.hpp"

#include <algorithm>
#include <utility>

#include "moor/mongo/bson.hpp"

using namespace moor;
using namespace moor::test;

namespace {

failure closed_by_server() {
  return {errc::connection_lost, spoils::connection, 0, "fake:27017 closed the connection"};
}

struct health_rig : supervision_rig {
  health_rig() {
    config.health.interval = 10s;
    config.restart.first_delay = config.restart.longest_delay = 1ms;
  }

  ~health_rig() override { driver->script->answer_with({}); }

  health_report report() {
    const auto got = ask<health_report>(get_health{});
    if (!got->granted())
      CAF_FAIL("no report: " << got->count());
    return got->values.front();
  }

  bool healthy() { return ask<bool>(is_healthy{})->values.at(0); }

  /// The server is the member `me` of a set, its primary or not, and says how many connections it
  /// has.
  void serve_as(const std::string& me, bool primary = true) {
    const std::string part = primary ? "isWritablePrimary" : "secondary";
    driver->script->answer_with([=](const document& body) -> std::variant<document, failure> {
      const auto asked = std::get<std::string>(mongo::to_json(body));
      if (asked.find("serverStatus") != std::string::npos)
        return mongo::from_json(
          R"({"ok": 1, "connections": {"current": 3, "available": 97, "totalCreated": 5}})");
      return mongo::from_json(R"({"ok": 1, ")" + part + R"(": true, "setName": "set", "me": ")" + me
                              + R"(", "hosts": ["a:1", "b:2"], "setVersion": 4})");
    });
  }

  /// Several checks, and time enough to look for the server in between.
  void several_checks() {
    for (int i = 0; i < 8; ++i)
      pass(500ms);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(health_monitor_tests, health_rig)

CAF_TEST(a pool that is ready is healthy after one check) {
  serve_as("a:1");
  start();
  pass(0s);
  const auto r = report();
  CAF_CHECK_EQUAL(r.state, health_state::healthy);
  CAF_CHECK(healthy());
  CAF_CHECK_EQUAL(r.checks, 1u);
  CAF_CHECK_EQUAL(r.server.me, "a:1");
  CAF_CHECK_EQUAL(r.server.set_version, 4);
  CAF_CHECK_EQUAL(r.server.hosts.size(), 2u);
  CAF_CHECK(r.server.connections_available == (maybe_count{true, 97}));
  CAF_CHECK_EQUAL(r.changes.size(), 1u);
  CAF_CHECK_EQUAL(stats().health, health_state::healthy);
  CAF_CHECK_EQUAL(stats().total, 0u); // its connection is none of the pool's
  CAF_CHECK(part("health monitor"));
}

CAF_TEST(figures that a server keeps to itself are unknown) {
  driver->script->answer_with([](const document& body) -> std::variant<document, failure> {
    if (std::get<std::string>(mongo::to_json(body)).find("serverStatus") != std::string::npos)
      return failure_of(errc::operation_failed, "not authorized");
    return mongo::from_json(R"({"ok": 1, "isWritablePrimary": true})");
  });
  start();
  pass(0s);
  CAF_CHECK(healthy());
  CAF_CHECK(!report().server.connections_current);
}

CAF_TEST(each change of the state is a line with its cause) {
  start();
  pass(0s);
  CAF_CHECK(healthy());
  log.clear();
  driver->script->next_ping(closed_by_server());
  for (int i = 0; i < 12; ++i)
    driver->script->next_establish(network_failure());
  pass(10s);
  for (int i = 0; i < 10 && healthy(); ++i)
    pass(500ms);
  CAF_CHECK(!healthy());
  for (int i = 0; i < 600 && !healthy(); ++i)
    pass(500ms);
  CAF_CHECK(healthy());
  const auto line_with = [this](const std::string& words) {
    return std::count_if(log.begin(), log.end(), [&](const std::string& line) {
      return line.find(words) != std::string::npos;
    });
  };
  CAF_CHECK_EQUAL(line_with("event=health_changed from=healthy to=unavailable"
                            " cause=\"Connection refused\""),
                  1);
  CAF_CHECK_EQUAL(line_with("event=ConnectionPoolCleared"), 1);
  CAF_CHECK_EQUAL(line_with("event=establishing_failed"), 1);
  CAF_CHECK_EQUAL(line_with("event=establishing_recovered"), 1);
  CAF_CHECK_EQUAL(line_with("to=healthy"), 1);
}

CAF_TEST(one network error is no more than another connection) {
  start();
  pass(0s);
  const auto made = driver->script->made.load();
  driver->script->next_ping(closed_by_server());
  pass(10s);
  CAF_CHECK_EQUAL(driver->script->made.load(), made + 1);
  CAF_CHECK_EQUAL(stats().generation, 0u);
  CAF_CHECK(healthy());
  CAF_CHECK_EQUAL(report().failed_checks, 1u);
}

CAF_TEST(a server that is lost clears the pool and is found by the connector) {
  start();
  pass(0s);
  auto before = ask_lease();
  const auto old = before->values.at(0).connection();
  before->values.clear();
  settle();
  driver->script->next_ping(closed_by_server());
  driver->script->next_establish(network_failure()); // the monitor's second attempt
  pass(10s);
  CAF_CHECK_EQUAL(stats().generation, 1u);
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  auto after = ask_lease();
  CAF_REQUIRE(after->granted());
  CAF_CHECK(after->values[0].connection() != old);
  several_checks();
  CAF_CHECK(healthy());
  CAF_CHECK_EQUAL(stats().generation, 1u);
}

CAF_TEST(errors say how the pool is and for how long) {
  start();
  pass(0s);
  driver->script->next_ping(closed_by_server());
  for (int i = 0; i < 40; ++i)
    driver->script->next_establish(network_failure());
  pass(10s);
  CAF_CHECK_EQUAL(stats().phase, pool_phase::paused);
  // Too early to be a state: the text is the specification's alone.
  CAF_CHECK(health_history_of(ask_lease()->errors.at(0)).empty());
  CAF_CHECK_EQUAL(describe(ask_lease()->errors.at(0)),
                  "pool_cleared: Connection pool for fake:27017 was cleared because another "
                  "operation failed with: Connection refused");
  several_checks();
  const auto r = report();
  CAF_CHECK_EQUAL(r.state, health_state::unavailable);
  CAF_CHECK_EQUAL(r.causes.at(0), "Connection refused");
  const auto refused = ask_lease()->errors.at(0);
  const auto history = health_history_of(refused);
  CAF_REQUIRE_EQUAL(history.size(), 2u);
  CAF_CHECK_EQUAL(history[0].to, health_state::healthy);
  CAF_CHECK_EQUAL(history[1].to, health_state::unavailable);
  CAF_CHECK_EQUAL(history[1].causes.at(0), "Connection refused");
  const auto text = describe(refused);
  CAF_CHECK(text.find("failed with: Connection refused (unavailable for 3") != std::string::npos);
  CAF_CHECK(text.ends_with(" s: Connection refused)"));
  for (int i = 0; i < 400; ++i)
    pass(1s);
  CAF_CHECK(healthy());
  CAF_CHECK_EQUAL(report().changes.size(), 3u);
}

CAF_TEST(a subscriber that is no actor is nobody) {
  start();
  caf::anon_send(pool, subscribe_health{});
  caf::anon_send(pool, subscribe{});
  caf::anon_send(pool, unsubscribe_health{});
  caf::anon_send(pool, unsubscribe{});
  settle();
  CAF_CHECK_EQUAL(stats().restarts, 0u);
}

CAF_TEST(a subscriber that dies is forgotten) {
  start();
  pass(0s);
  auto gone = sys.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const health_changed&) {}, [](const pool_events&) {}};
  });
  caf::anon_send(pool, subscribe_health{gone});
  caf::anon_send(pool, subscribe{gone});
  settle();
  const caf::weak_actor_ptr left = caf::actor_cast<caf::weak_actor_ptr>(gone);
  kill(gone);
  settle();
  gone = nullptr;
  CAF_CHECK(!left.lock());
}

CAF_TEST(another primary clears the pool) {
  serve_as("a:1");
  start();
  pass(0s);
  auto held = ask_lease();
  const auto old = held->values.at(0).connection();
  serve_as("b:2");
  pass(10s);
  CAF_CHECK_EQUAL(stats().generation, 1u);
  held->values.clear();
  settle();
  auto next = ask_lease();
  CAF_REQUIRE(next->granted());
  CAF_CHECK(next->values[0].connection() != old);
  several_checks();
  CAF_CHECK_EQUAL(report().server.me, "b:2");
  CAF_CHECK_EQUAL(stats().generation, 1u);
}

CAF_TEST(without a primary who reads is served and the primary that is back is found) {
  serve_as("a:1");
  start();
  pass(0s);
  auto held = ask_lease();
  CAF_REQUIRE(held->granted());
  // The primary dies: its connections break, and only a secondary is left.
  serve_as("b:2", false);
  driver->script->read_only = true;
  driver->script->next_ping(closed_by_server());
  pass(10s);
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  CAF_CHECK(stats().generation >= 1u);
  CAF_CHECK(ask_lease()->refused(errc::read_only));
  CAF_CHECK(ask_command()->refused(errc::read_only));
  auto reader = ask_lease(0s, true);
  CAF_REQUIRE(reader->granted());
  several_checks();
  CAF_CHECK_EQUAL(report().state, health_state::degraded);
  CAF_CHECK(report().read_only);
  const auto generation = stats().generation;
  // b is elected.
  serve_as("b:2");
  driver->script->read_only = false;
  for (int i = 0; i < 60; ++i)
    pass(1s);
  const auto with_primary = stats().generation;
  CAF_CHECK(with_primary > generation);
  CAF_CHECK(healthy());
  several_checks();
  CAF_CHECK_EQUAL(stats().generation, with_primary);
  const auto newest_before = reader->values.at(0).connection();
  held->values.clear();
  reader->values.clear();
  settle();
  auto writer = ask_lease();
  CAF_REQUIRE(writer->granted());
  CAF_CHECK(writer->values.at(0).connection() > newest_before);
}

CAF_TEST(one connection that finds no primary does not clear the pool) {
  serve_as("a:1");
  start();
  pass(0s);
  driver->script->read_only = true;
  driver->script->on_establish([this] { // the probe that follows finds it
    driver->script->read_only = driver->script->made.load() <= 3;
  });
  auto first = ask_lease();
  CAF_CHECK(first->refused(errc::no_suitable_server));
  driver->script->on_establish({});
  CAF_CHECK_EQUAL(stats().generation, 0u);
  CAF_CHECK(ask_lease()->granted());
}

CAF_TEST(a wait queue timeout and an overloaded server do not clear the pool) {
  config.max_pool_size = 1;
  start();
  pass(0s);
  auto held = ask_lease();
  auto waiting = ask_lease(1s);
  driver->script->answer_with([](const document&) -> std::variant<document, failure> {
    return failure{errc::operation_failed, spoils::nothing, 462, "rate limit"};
  });
  pass(10s);
  several_checks();
  CAF_CHECK(waiting->refused(errc::wait_queue_timeout));
  CAF_CHECK_EQUAL(stats().generation, 0u);
  CAF_CHECK_EQUAL(report().state, health_state::degraded);
  auto late = ask_lease(1s);
  pass(1s);
  CAF_REQUIRE(late->refused(errc::wait_queue_timeout));
  CAF_CHECK(describe(late->errors.at(0)).find("(degraded for ") != std::string::npos);
}

CAF_TEST(a slow subscriber is sent the newest change and how many it missed) {
  std::vector<health_changed> got;
  std::vector<caf::response_promise> unanswered;
  auto subscriber = sys.spawn([&](caf::event_based_actor* me) -> caf::behavior {
    return {[&, me](const health_changed& m) {
      got.push_back(m);
      unanswered.push_back(me->make_response_promise());
    }};
  });
  driver->script->next_ping(std::nullopt);
  start();
  pass(0s);
  caf::anon_send(pool, subscribe_health{subscriber});
  config.health.interval = 10s;
  for (int round = 0; round < 2; ++round) { // unavailable, and healthy again
    driver->script->next_ping(closed_by_server());
    for (int i = 0; i < 5; ++i)
      driver->script->next_establish(network_failure());
    for (int i = 0; i < 200; ++i)
      pass(500ms);
  }
  CAF_REQUIRE_EQUAL(got.size(), 4u); // after 30 s of silence the next is sent all the same
  CAF_CHECK_EQUAL(got[0].change.to, health_state::unavailable);
  CAF_CHECK_EQUAL(got[0].pool, "default");
  caf::anon_send_exit(subscriber, caf::exit_reason::kill);
  unanswered.clear();
  settle();
}

CAF_TEST(a drain and its end are states) {
  start();
  pass(0s);
  auto held = ask_lease();
  auto ended = ask<drained>(drain{5s});
  CAF_CHECK_EQUAL(report().state, health_state::draining);
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(report().state, health_state::stopped);
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
}

CAF_TEST(the monitor is killed a hundred times under load and no lease fails) {
  start();
  pass(0s);
  for (int i = 0; i < 100; ++i) {
    auto got = ask_lease();
    kill(part("health monitor"));
    settle();
    pass(10s);
    recover();
    CAF_REQUIRE(got->granted());
    CAF_CHECK(ask_command()->count() <= 1);
  }
  CAF_CHECK(healthy());
  CAF_CHECK_EQUAL(report().changes.size(), 1u);
  CAF_CHECK(report().checks >= 90u);
  CAF_CHECK_EQUAL(stats().restarts, 100u);
  CAF_CHECK_EQUAL(stats().generation, 0u);
  CAF_CHECK(driver->script->open.load() <= 3);
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

/// A check, a server that is lost, found again, and well again.
void live(health_rig& rig) {
  rig.pass(10s);
  rig.driver->script->next_ping(closed_by_server());
  rig.driver->script->next_establish(network_failure());
  rig.pass(10s);
  rig.recover();
  rig.several_checks();
  rig.several_checks();
  rig.recover();
}

void check_well(health_rig& rig) {
  CAF_CHECK(rig.healthy());
  auto got = rig.ask_lease();
  rig.recover();
  CAF_CHECK(got->granted());
  // The lease's connection and the monitor's.
  CAF_CHECK_EQUAL(rig.driver->script->open.load(), 2);
}

} // namespace

CAF_TEST(promise nothing lost : the health monitor killed before any step) {
  bool reached = true;
  int at = 0;
  for (; reached; ++at) {
    health_rig rig;
    rig.start();
    const auto target = rig.part("health monitor");
    reached = false;
    rig.steps = 0;
    rig.before_step = [&] {
      if (rig.steps == at && !std::exchange(reached, true))
        supervision_rig::kill(target);
    };
    live(rig);
    rig.before_step = [] {};
    check_well(rig);
  }
  CAF_CHECK(at > 30);
}

CAF_TEST(promise nothing lost : an exception at any place of the health monitor) {
  bool reached = true;
  int at = 0;
  for (; reached; ++at) {
    health_rig rig;
    rig.start();
    int place = 0;
    reached = false;
    rig.fault = [&] {
      if (place++ != at)
        return;
      reached = true;
      throw std::runtime_error("a fault");
    };
    live(rig);
    rig.fault = [] {};
    check_well(rig);
  }
  CAF_CHECK(at > 30);
}

namespace {

/// The primary is lost, a secondary is read from, and there is a primary again.
void live_without_primary(health_rig& rig) {
  rig.serve_as("b:2", false);
  rig.driver->script->read_only = true;
  rig.driver->script->next_ping(closed_by_server());
  rig.pass(10s);
  rig.recover();
  rig.ask_lease(1s, true);
  rig.ask_lease(1s);
  rig.recover();
  rig.serve_as("b:2");
  rig.driver->script->read_only = false;
  for (int i = 0; i < 20; ++i)
    rig.pass(1s);
  rig.recover();
}

} // namespace

CAF_TEST(promise nothing lost : any part killed before any step without a primary) {
  for (const auto* name : {"pool supervisor", "connector", "health monitor"}) {
    bool reached = true;
    int at = 0;
    for (; reached; ++at) {
      health_rig rig;
      rig.start();
      const auto target = rig.part(name);
      reached = false;
      rig.steps = 0;
      rig.before_step = [&] {
        if (rig.steps == at && !std::exchange(reached, true))
          supervision_rig::kill(target);
      };
      live_without_primary(rig);
      rig.before_step = [] {};
      check_well(rig);
    }
    CAF_CHECK(at > 100);
  }
}

CAF_TEST(promise nothing lost : an exception at any place without a primary) {
  bool reached = true;
  int at = 0;
  for (; reached; ++at) {
    health_rig rig;
    rig.start();
    int place = 0;
    reached = false;
    rig.fault = [&] {
      if (place++ != at)
        return;
      reached = true;
      throw std::runtime_error("a fault");
    };
    live_without_primary(rig);
    rig.fault = [] {};
    check_well(rig);
  }
  CAF_CHECK(at > 100);
}
