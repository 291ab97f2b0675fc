// The health machine under virtual time: when it looks at the server, what it clears the pool for,
// and which state it says.
#define CAF_SUITE health

#include "machines/health_rig.hpp"

#include <random>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

/// Makes `count` observations of one kind and says in which state they end.
std::string observe(health_rig& rig, const server_view& view, int count) {
  for (int i = 0; i < count; ++i) {
    rig.wait();
    rig.answer(view);
  }
  return rig.state();
}

server_view slow_view() {
  auto v = primary_view();
  v.round_trip = 1h; // whatever the mean was, it is beyond the threshold
  return v;
}

server_view quick_view() {
  auto v = primary_view();
  v.round_trip = 0ms;
  return v;
}

server_view secondary_view(const std::string& me) {
  auto v = primary_view(me);
  v.writable = false;
  v.secondary = true;
  v.primary.clear();
  v.election_id.clear();
  return v;
}

} // namespace

CAF_TEST(nothing is looked at before the pool is ready) {
  health_rig rig;
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  rig.pool(pool_phase::paused);
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  rig.ready();
  CAF_CHECK_EQUAL(rig.done(), "ask, check");
  CAF_CHECK_EQUAL(rig.state(), "starting");
  rig.answer();
  CAF_CHECK_EQUAL(rig.done(), "starting->healthy");
  CAF_CHECK(rig.wait() == 10s);
  CAF_CHECK_EQUAL(rig.done(), "ask, check");
}

CAF_TEST(a network error of a connection that had worked is followed by one more check at once) {
  health_rig rig;
  rig.be_healthy();
  rig.wait();
  rig.done();
  rig.fail();
  CAF_CHECK_EQUAL(rig.done(), "drop, check");
  rig.answer();
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK_EQUAL(rig.state(), "healthy");
  CAF_CHECK(rig.wait() == 10s);
}

CAF_TEST(a second failure clears the pool with its cause) {
  health_rig rig;
  rig.generation = 4;
  rig.be_healthy();
  rig.wait();
  rig.fail();
  rig.done();
  rig.fail();
  CAF_CHECK_EQUAL(rig.done(), "drop, doubt(4: db:27017 closed the connection)");
  rig.pause("db:27017 closed the connection");
  CAF_CHECK_EQUAL(rig.done(), "drop");
  // While the connector looks for the server, the monitor does not.
  CAF_CHECK(rig.wait() == 500ms);
  CAF_CHECK_EQUAL(rig.done(), "ask, healthy->unavailable: db:27017 closed the connection");
  rig.wait();
  CAF_CHECK_EQUAL(rig.done(), "ask");
  rig.ready();
  CAF_CHECK_EQUAL(rig.done(), "ask, check");
  rig.answer();
  CAF_CHECK_EQUAL(rig.state(), "unavailable");
  CAF_CHECK(rig.wait() == 500ms);
  rig.done();
  rig.answer();
  CAF_CHECK_EQUAL(rig.done(), "unavailable->healthy");
}

CAF_TEST(a server that stalls fails its check at the deadline) {
  health_rig rig;
  rig.be_healthy();
  rig.wait();
  rig.done();
  CAF_CHECK(rig.wait() == 10500ms);
  CAF_CHECK_EQUAL(rig.done(), "drop, check");
  rig.now += 9s;
  rig.machine.dialled(rig.now); // the check itself has as long again
  CAF_CHECK(rig.wait() == 10500ms);
  CAF_CHECK_EQUAL(rig.done(), "drop, doubt(0: the server did not answer a check within 10s)");
}

CAF_TEST(what comes after the deadline changes nothing) {
  health_rig rig;
  rig.be_healthy();
  rig.answer();
  rig.fail();
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK_EQUAL(rig.machine.report(rig.now).checks, 1u);
}

CAF_TEST(another primary clears the pool) {
  health_rig rig;
  rig.be_healthy();
  rig.wait();
  rig.done();
  rig.answer(primary_view("b:2", "2"));
  CAF_CHECK_EQUAL(rig.done(), "drop, doubt(0: the primary changed from a:1 to b:2)");
  rig.pause();
  rig.done();
  // The generation that follows begins with that primary.
  rig.ready();
  rig.answer(primary_view("b:2", "2"));
  CAF_CHECK_EQUAL(rig.done(), "ask, check");
}

CAF_TEST(a primary that stepped down or was elected anew clears the pool) {
  health_rig rig;
  rig.be_healthy();
  rig.wait();
  rig.done();
  auto view = primary_view();
  view.writable = false;
  view.secondary = true;
  rig.answer(view);
  CAF_CHECK_EQUAL(rig.done(), "drop, doubt(0: a:1 is no longer the primary)");
  health_rig other;
  other.be_healthy();
  other.wait();
  other.done();
  other.answer(primary_view("a:1", "2"));
  CAF_CHECK_EQUAL(other.done(), "drop, doubt(0: a:1 became the primary anew)");
}

CAF_TEST(a primary that the pool knew before the monitor does not clear it again) {
  health_rig rig;
  rig.be_healthy();
  rig.pause("not primary");
  rig.ready();
  rig.done();
  rig.answer(primary_view("b:2", "2"));
  CAF_CHECK_EQUAL(rig.done(), "");
}

CAF_TEST(an overloaded server or a refusal does not clear the pool) {
  const failure overload{errc::connect_failed, spoils::generation, 462, "rate limit"};
  const failure login{errc::authentication_failed, spoils::generation, 18, "no"};
  const failure refusal{errc::operation_failed, spoils::nothing, 59, "no such command"};
  for (const auto& why : {overload, login, refusal}) {
    health_rig rig;
    rig.be_healthy();
    for (int i = 0; i < 3; ++i) {
      CAF_CHECK_EQUAL(rig.state(), "healthy");
      rig.wait();
      rig.fail(why);
    }
    CAF_CHECK_EQUAL(rig.state(), "degraded");
    CAF_CHECK_EQUAL(rig.done().find("doubt"), std::string::npos);
  }
}

CAF_TEST(each cause of degraded health is named with its figures) {
  settings config = watched();
  health_rig rig{config};
  rig.be_healthy();
  auto view = primary_view();
  view.round_trip = 11s;
  view.connections_current = {true, 95};
  view.connections_available = {true, 5};
  rig.wait();
  rig.pool(pool_phase::ready, 51);
  rig.machine.breaker_is(breaker_scope::establishing,
                         {breaker_state::closed, breaker_state::open, "5 of 10 calls failed", 1s},
                         rig.now, rig.effects);
  rig.answer(view);
  const std::vector<std::string> expected{
    "the mean round-trip time is 2.2 s, the threshold is 1.0 s",
    "the server has 5 connections (5%) left, the threshold is 10%",
    "51 requests wait for 10 connections, the threshold is 5 for each",
    "the circuit breaker over establishing is open: 5 of 10 calls failed"};
  CAF_CHECK(rig.machine.causes() == expected);
  // Half open it needs calls, which must not be shed for it.
  rig.machine.breaker_is(breaker_scope::establishing,
                         {breaker_state::open, breaker_state::half_open, "", 0s}, rig.now,
                         rig.effects);
  CAF_CHECK_EQUAL(rig.machine.causes().size(), 3u);
}

CAF_TEST(figures that are unknown are not judged) {
  health_rig rig;
  rig.be_healthy();
  auto view = primary_view();
  view.connections_current = {true, 1000};
  rig.wait();
  rig.answer(view);
  CAF_CHECK(rig.machine.causes().empty());
  view.connections_available = {true, 0}; // some always say so
  rig.wait();
  rig.answer(view);
  CAF_CHECK(rig.machine.causes().empty());
  view.connections_available = {true, 1};
  rig.wait();
  rig.answer(view);
  CAF_CHECK_EQUAL(rig.machine.causes().size(), 1u);
}

CAF_TEST(a server that takes no writes from the beginning is degraded and read only) {
  health_rig rig;
  auto view = primary_view();
  view.writable = false;
  rig.ready();
  rig.answer(view);
  CAF_CHECK_EQUAL(observe(rig, view, 2), "degraded");
  const auto report = rig.machine.report(rig.now);
  CAF_CHECK(report.read_only);
  CAF_CHECK_EQUAL(report.causes.at(0), "only a secondary is reachable, which takes no writes");
}

CAF_TEST(without a primary one secondary is as good as the other) {
  health_rig rig;
  rig.ready();
  for (const auto* me : {"b:2", "c:3", "b:2"}) {
    rig.answer(secondary_view(me));
    CAF_CHECK_EQUAL(rig.wait(), watched().health.interval_unhealthy);
  }
  CAF_CHECK_EQUAL(rig.state(), "degraded");
  CAF_CHECK_EQUAL(rig.done().find("doubt"), std::string::npos);
}

CAF_TEST(a secondary that becomes the primary clears the pool and so does another member) {
  for (const auto* me : {"b:2", "c:3"}) {
    health_rig rig;
    rig.ready();
    rig.answer(secondary_view("b:2"));
    rig.wait();
    rig.done();
    rig.answer(primary_view(me, "2"));
    CAF_CHECK_EQUAL(rig.done(), "drop, doubt(0: " + std::string{me} + " became the primary)");
  }
}

CAF_TEST(a primary that gives way to a secondary is named) {
  health_rig rig;
  rig.be_healthy();
  rig.wait();
  rig.done();
  rig.answer(secondary_view("b:2"));
  CAF_CHECK_EQUAL(rig.done(), "drop, doubt(0: a:1 is no longer the primary)");
}

CAF_TEST(states change after as many observations as are set) {
  health_rig rig;
  rig.be_healthy();
  CAF_CHECK_EQUAL(observe(rig, slow_view(), 2), "healthy");
  CAF_CHECK_EQUAL(observe(rig, slow_view(), 1), "degraded");
  // The mean falls slowly; a loss resets it.
  rig.pause();
  CAF_CHECK_EQUAL(rig.state(), "degraded");
  rig.wait();
  rig.wait();
  CAF_CHECK_EQUAL(rig.state(), "unavailable");
}

CAF_TEST(a mean is weighted and the least is of the last ten) {
  machines::round_trips times;
  CAF_CHECK(times.mean() == 0s);
  times.add(100ms);
  CAF_CHECK(times.mean() == 100ms);
  times.add(200ms);
  CAF_CHECK(times.mean() > 119ms && times.mean() < 121ms);
  CAF_CHECK(times.least() == 100ms);
  for (int i = 0; i < 10; ++i)
    times.add(300ms);
  CAF_CHECK(times.least() == 300ms);
}

CAF_TEST(draining and the end come at once and stay) {
  health_rig rig;
  rig.be_healthy();
  rig.pool(pool_phase::draining);
  CAF_CHECK_EQUAL(rig.done(), "drop, healthy->draining");
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  rig.pool(pool_phase::closed);
  CAF_CHECK_EQUAL(rig.done(), "drop, draining->stopped");
  rig.answer();
  rig.fail();
  CAF_CHECK_EQUAL(rig.state(), "stopped");
}

CAF_TEST(without checks the pool alone decides and at once) {
  auto config = watched();
  config.health.interval = 0s;
  health_rig rig{config};
  rig.ready();
  CAF_CHECK_EQUAL(rig.done(), "starting->healthy");
  rig.pause("gone");
  CAF_CHECK_EQUAL(rig.done(), "drop, healthy->unavailable: gone");
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  rig.pool(pool_phase::ready);
  CAF_CHECK_EQUAL(rig.done(), "unavailable->healthy");
}

CAF_TEST(a successor begins anew what its predecessor left in the middle) {
  health_rig rig;
  rig.be_healthy();
  rig.machine.adopt(true, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.wait();
  rig.done();
  rig.machine.adopt(false, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.machine.adopt(true, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.done(), "drop, check");
  rig.fail(); // of a connection that is new
  rig.done();
  rig.machine.adopt(true, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.done(), "doubt(0: db:27017 closed the connection)");
}

CAF_TEST(a death of the monitoring actor costs no more than another connection) {
  health_rig rig;
  rig.be_healthy();
  rig.machine.connection_gone(rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.wait();
  rig.done();
  rig.machine.connection_gone(rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.done(), "drop");
  CAF_CHECK(rig.machine.state() == health_state::healthy);
  rig.wait(); // no faster, in case that it dies each time
  CAF_CHECK(rig.done().find("check") != std::string::npos);
}

CAF_TEST(under random events no state changes faster than its hysteresis allows) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    std::mt19937 random{seed};
    health_rig rig;
    rig.ready();
    instant changed_at{};
    int changed_in = -10; // which step: each makes one observation at most
    auto last = rig.machine.state();
    for (int step = 0; step < 500; ++step) {
      switch (random() % 8) {
        case 0: rig.pause(); break;
        case 1: rig.pool(pool_phase::ready, random() % 100); break;
        case 2: rig.fail(); break;
        case 3: rig.answer(slow_view()); break;
        case 4: rig.answer(primary_view(random() % 10 == 0 ? "b:2" : "a:1")); break;
        case 5: rig.machine.adopt(random() % 2 == 0, rig.now, rig.effects); break;
        case 6: rig.answer(quick_view()); break;
        default:
          rig.now += std::chrono::milliseconds{random() % 2000};
          rig.machine.timer(rig.now, rig.effects);
      }
      const auto& changes = rig.machine.changes();
      CAF_REQUIRE(changes.size() <= machines::health::changes_kept);
      CAF_REQUIRE(rig.machine.since() <= rig.now);
      CAF_REQUIRE(rig.machine.next_timer() == no_deadline
                  || rig.machine.next_timer() > rig.now - 20s);
      for (const auto& e : std::exchange(rig.effects, {})) {
        const auto* change = std::get_if<machines::announce_health>(&e);
        if (change == nullptr)
          continue;
        CAF_REQUIRE(change->from == last && change->to != last);
        CAF_REQUIRE(change->at >= changed_at);
        CAF_REQUIRE(change->causes.empty() == (change->to == health_state::healthy));
        const auto steps = step - changed_in;
        CAF_REQUIRE(change->from != health_state::healthy || steps >= 3);
        CAF_REQUIRE(change->from != health_state::unavailable || steps >= 2);
        changed_in = step;
        last = change->to;
        changed_at = change->at;
      }
      CAF_REQUIRE(last == rig.machine.state());
    }
  }
}

CAF_TEST(a server that answers every other time does not make the state flap) {
  health_rig rig;
  rig.be_healthy();
  int changes = 0;
  for (int i = 0; i < 200; ++i) {
    rig.pause();
    rig.pool(pool_phase::ready);
    rig.wait();
    rig.answer();
    for (const auto& e : std::exchange(rig.effects, {}))
      changes += std::holds_alternative<machines::announce_health>(e) ? 1 : 0;
  }
  CAF_CHECK_EQUAL(changes, 0);
}
