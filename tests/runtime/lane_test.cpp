// A pool that has its turns on a lane.
#define CAF_SUITE pool_lane

#include <caf/test/dsl.hpp>

#include <caf/scoped_actor.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/fiber_lane.hpp"
#include "moor/runtime/supervisor.hpp"
#include "support/fake_driver.hpp"
#include "support/patience.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() {
    config.uri = "mongodb://fake";
    config.max_pool_size = 2;
    config.min_pool_size = 0;
    config.statistics_interval = 0s;
    config.health.interval = 0s;
  }

  ~fixture() { caf::anon_send_exit(made.supervisor, caf::exit_reason::user_shutdown); }

  void start() {
    made = spawn_supervised_pool(system, {.config = config,
                                          .driver = driver,
                                          .threads = actors::connection_threads::own_thread,
                                          .seed = 1,
                                          .log = {[this](log_level, const std::string& line) {
                                            if (line.find("event=no_lane") != line.npos)
                                              no_lane = true;
                                          }},
                                          .may_fail = [this](const char* who) {
                                            if (std::string_view{who} == "pool supervisor")
                                              note_turn();
                                          }});
    ask<connected>(connect{});
  }

  void note_turn() {
    on_fiber = bool{mongo::fiber_loop::here{}};
    if (!result_comes.exchange(false) || *loop_went_on)
      return;
    within = true;
    if (dies_within.exchange(false))
      throw std::runtime_error{"within a connection's turn"};
  }

  /// Starts on a lane whose connections note when they have a result.
  void start_on_noted_lane() {
    driver->script->lane = std::make_shared<mongo::fiber_lane>();
    driver->script->answer_with([this, lane = driver->script->lane](const document& body) {
      *loop_went_on = false;
      result_comes = true;
      lane->loop().post([it = loop_went_on] { *it = true; });
      return body;
    });
    start();
  }

  template <class Answer, class Message>
  Answer ask(Message message) {
    Answer got{};
    self->request(caf::actor_cast<caf::actor>(made.address), forever, std::move(message))
      .receive([&](Answer& a) { got = std::move(a); },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return got;
  }

  lease lend() { return ask<lease>(acquire{.options = {.operation = "test", .timeout = forever}}); }

  void command_something() {
    ask<document>(command{.options = {.operation = "test", .timeout = forever},
                          .database = "db",
                          .body = {{5, 0, 0, 0, 0}}});
  }

  /// Whether what is asked for has the pool's latest turn on a fiber, or not, sooner or later.
  template <class Ask>
  bool leads_to(bool fiber, Ask ask) {
    const auto give_up = std::chrono::steady_clock::now() + forever;
    do
      ask();
    while (on_fiber != fiber && std::chrono::steady_clock::now() < give_up);
    return on_fiber == fiber;
  }

  pool_stats stats() { return ask<pool_stats>(get_stats{}); }

  caf::actor pool_now() {
    caf::actor found;
    self->request(made.supervisor, forever, get_parts{})
      .receive(
        [&](const parts& all) {
          for (const auto& one : all)
            if (one.name == "pool supervisor")
              found = one.actor;
        },
        [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return found;
  }

  /// Asks for the statistics until they are so; false if they never are.
  template <class Condition>
  bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + forever;
    while (std::chrono::steady_clock::now() < give_up)
      if (condition(stats()))
        return true;
    return false;
  }

  settings config;
  std::shared_ptr<fake_driver> driver = std::make_shared<fake_driver>();
  std::atomic<bool> on_fiber = false; // the latest turn of the pool
  std::atomic<bool> no_lane = false;
  std::atomic<bool> result_comes = false; // and the pool had no turn since
  std::shared_ptr<std::atomic<bool>> loop_went_on = std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> within = false; // the pool had a turn inside of a connection's
  std::atomic<bool> dies_within = false;
  caf::actor_system_config caf_config;
  caf::actor_system system{caf_config};
  caf::scoped_actor self{system};
  supervised_pool made;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pool_lane_tests, fixture)

CAF_TEST(a pool on a lane is restarted and loses no lease) {
  driver->script->lane = std::make_shared<mongo::fiber_lane>();
  start();
  auto held = lend();
  CAF_REQUIRE(held);
  const auto first = pool_now();
  caf::anon_send_exit(first, caf::exit_reason::kill);
  CAF_CHECK(eventually([](const pool_stats& s) { return s.restarts == 1; }));
  CAF_CHECK(pool_now() != first);
  CAF_CHECK(leads_to(true, [this] { command_something(); }));
  CAF_CHECK(held);
  CAF_CHECK_EQUAL(stats().out, 1u);
  auto other = lend();
  CAF_CHECK(other);
  held.give_back();
  other.give_back();
  CAF_CHECK(eventually([](const pool_stats& s) { return s.returned >= 3 && s.out == 0; }));
  CAF_CHECK_EQUAL(stats().total, 2u);
}

// What comes while a turn lasts is handled there, wherever that is.
CAF_TEST(commands are handled on the loop and leases where their borrowers are) {
  driver->script->lane = std::make_shared<mongo::fiber_lane>();
  start();
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK(leads_to(true, [this] { command_something(); }));
    CAF_CHECK(leads_to(false, [this] { lend(); }));
  }
}

CAF_TEST(a result is handled within the turn that brings it) {
  start_on_noted_lane();
  const auto give_up = std::chrono::steady_clock::now() + forever;
  while (!within && std::chrono::steady_clock::now() < give_up)
    command_something();
  CAF_CHECK(within);
}

CAF_TEST(a pool that dies within the turn of a connection leaves the connection and the answer) {
  start_on_noted_lane();
  dies_within = true;
  const auto give_up = std::chrono::steady_clock::now() + forever;
  while (dies_within && std::chrono::steady_clock::now() < give_up)
    command_something();
  CAF_CHECK(!dies_within);
  CAF_CHECK(eventually([](const pool_stats& s) { return s.restarts == 1; }));
  command_something();
  CAF_CHECK_EQUAL(stats().total, 1u);
  CAF_CHECK_EQUAL(stats().errors, 0u);
}

CAF_TEST(a pool for which there is no lane is on the scheduler) {
  driver->script->lane_fails = true;
  start();
  CAF_CHECK(no_lane);
  auto held = lend();
  CAF_CHECK(held);
  CAF_CHECK(!on_fiber);
}

CAF_TEST_FIXTURE_SCOPE_END()
