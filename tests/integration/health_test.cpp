// The health monitor over sockets: elections, an overloaded member, and one that stalls.
#define CAF_SUITE health_over_sockets

#include <caf/test/dsl.hpp>

#include <caf/scoped_actor.hpp>

#include <optional>
#include <string>

#include "moor/moor.hpp"
#include "support/patience.hpp"
#include "support/scripted_replica_set.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

struct set_rig {
  set_rig() {
    config.uri = set.uri();
    config.min_pool_size = 1;
    config.max_pool_size = 2;
    config.connect_timeout = 1s;
    config.retry.first_delay = 10ms;
    config.retry.longest_delay = 50ms;
    config.statistics_interval = 0s;
    config.health.interval = 50ms;
    config.health.interval_unhealthy = 20ms;
  }

  void start() {
    auto started = db.start(config);
    if (!started)
      CAF_FAIL(describe(started.error()));
    pool = *started;
    CAF_REQUIRE(eventually([this] { return state() == health_state::healthy; }));
  }

  template <class Message>
  auto ask(Message what) {
    using answer
      = std::conditional_t<std::is_same_v<Message, get_stats>, pool_stats, health_report>;
    answer got;
    self->request(pool, forever, what)
      .receive([&](answer& a) { got = std::move(a); },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return got;
  }

  health_state state() { return ask(get_health{}).state; }
  std::uint64_t generation() { return ask(get_stats{}).generation; }

  std::optional<lease> lend() {
    std::optional<lease> got;
    ask_lease(self, pool, {.operation = "test", .timeout = 1s})
      .receive([&](lease& l) { got = std::move(l); }, [](const caf::error&) {});
    return got;
  }

  /// An insert, which only a primary takes.
  bool write() {
    bool done = false;
    ask_command(
      self, pool, {.operation = "test", .timeout = 2s}, "db",
      std::get<document>(mongo::from_json(R"({"insert": "c", "documents": [{"_id": 1}]})")))
      .receive([&](const document&) { done = true; }, [](const caf::error&) {});
    return done;
  }

  template <class Condition>
  bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + forever;
    while (std::chrono::steady_clock::now() < give_up) {
      if (condition())
        return true;
      self->receive(caf::after(5ms) >> [] {});
    }
    return false;
  }

  scripted_replica_set set;
  settings config;
  caf::actor_system_config caf_config;
  caf::actor_system system{caf_config};
  component db{system};
  caf::scoped_actor self{system};
  pool_actor pool;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(health_over_sockets_tests, set_rig)

CAF_TEST(a primary that steps down clears the pool and the next one is used) {
  start();
  CAF_CHECK(write());
  connection_id old = 0;
  if (auto l = lend())
    old = l->connection();
  CAF_CHECK(old > 0);
  set.step_down();
  CAF_REQUIRE(eventually([this] { return generation() >= 1; }));
  // Nothing of the old generation is lent any more.
  for (int i = 0; i < 10; ++i)
    if (const auto l = lend())
      CAF_CHECK(l->connection() > old);
  CAF_CHECK(eventually([this] { return state() == health_state::degraded; })); // read-only
  set.elect(1);
  CAF_REQUIRE(eventually([this] { return state() == health_state::healthy; }));
  CAF_CHECK_EQUAL(ask(get_stats{}).phase, pool_phase::ready);
  const auto l = lend();
  CAF_REQUIRE(l);
  CAF_CHECK(l->connection() > old);
  CAF_CHECK(write());
  CAF_CHECK_EQUAL(set.commands(1, "insert"), 1u);
  CAF_CHECK_EQUAL(ask(get_health{}).server.me, set.address_of(1));
}

CAF_TEST(an election that nobody asked about is seen by the monitor alone) {
  start();
  CAF_CHECK(write());
  set.elect(2);
  CAF_REQUIRE(eventually([this] { return generation() >= 1; }));
  CAF_REQUIRE(eventually([this] { return state() == health_state::healthy && write(); }));
  CAF_CHECK(set.commands(2, "insert") >= 1u);
  CAF_CHECK(eventually([this] { return ask(get_health{}).server.me == set.address_of(2); }));
}

CAF_TEST(an overloaded server does not clear an established pool) {
  config.uri = set.uri_of(0);
  start();
  set.overload(0, true);
  CAF_REQUIRE(eventually([this] { return state() == health_state::degraded; }));
  CAF_CHECK_EQUAL(generation(), 0u);
  CAF_CHECK(write());
  {
    const auto held = lend();
    CAF_CHECK(held);
    CAF_CHECK(!lend()); // another connection cannot be made now
    CAF_CHECK_EQUAL(generation(), 0u);
    CAF_CHECK_EQUAL(ask(get_stats{}).phase, pool_phase::ready);
  }
  set.overload(0, false);
  CAF_CHECK(eventually([this] { return state() == health_state::healthy; }));
  CAF_CHECK_EQUAL(generation(), 0u);
}

CAF_TEST(a member that stalls does not stall the monitor) {
  config.uri = set.uri_of(0);
  config.connect_timeout = 300ms;
  config.retry.longest_delay = 20ms;
  start();
  set.slow(0, 1h);
  const auto asked_at = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(state(), health_state::healthy);
  CAF_CHECK(std::chrono::steady_clock::now() - asked_at < 250ms + forever / 10);
  CAF_REQUIRE(eventually([this] { return state() == health_state::unavailable; }));
  CAF_CHECK(generation() >= 1u);
  const auto text = [this] {
    std::string words;
    ask_lease(self, pool, {.operation = "test", .timeout = 1s})
      .receive([](const lease&) {}, [&](const caf::error& err) { words = describe(err); });
    return words;
  }();
  CAF_CHECK(text.find("(unavailable for ") != std::string::npos);
  set.slow(0, 0ms);
  CAF_CHECK(eventually([this] { return state() == health_state::healthy; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
