// Commands on fibers, on a real server.
#define CAF_SUITE lane

#include "integration/rig.hpp"

#include <array>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <caf/event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <pthread.h>

using namespace moor;
using namespace moor::test;

namespace {

std::ptrdiff_t threads() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, {});
}

struct fixture : server_rig {
  fixture() { config.lane = command_lane::fibers; }

  void establish(const pool_actor& pool, std::size_t count) {
    self->request(pool, forever, warm{count})
      .receive([](const warmed&) {}, [](const caf::error& err) { CAF_FAIL(describe(err)); });
  }

  /// From now on they are answered after ten minutes.
  void hold_finds() {
    server.run("admin", R"({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data":
      {"appName": "moor", "failCommands": ["find"], "blockConnection": true,
       "blockTimeMS": 600000}})");
  }

  auto ask_find(const pool_actor& pool, duration timeout) {
    return ask_command(self, pool, {.operation = "test", .timeout = timeout}, "moor_test",
                       std::get<document>(mongo::from_json(R"({"find": "things"})")));
  }

  /// One that waits on a fiber, and will for ten minutes.
  auto held_find(const pool_actor& pool, duration timeout) {
    CAF_REQUIRE(command(pool, R"({"ping": 1})").value);
    hold_finds();
    auto asked = ask_find(pool, timeout);
    CAF_CHECK(eventually([&] { return stats(pool).in_use == 1; }));
    return asked;
  }
};

std::string thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

/// Asks one command after the other, and tells in the end how many results it got on a loop.
void ask(caf::event_based_actor* asker, const pool_actor& pool,
         caf::typed_response_promise<int> told, int left, int on_loop = 0) {
  ask_command(asker, pool, {.operation = "test", .timeout = forever}, "admin",
              std::get<document>(mongo::from_json(R"({"ping": 1})")))
    .then(
      [=](const document&) mutable {
        on_loop += thread_name() == "moor.loop" ? 1 : 0;
        if (left > 1)
          ask(asker, pool, told, left - 1, on_loop);
        else
          told.deliver(on_loop);
      },
      [=](caf::error& why) mutable { told.deliver(std::move(why)); });
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(lane_tests, fixture)

CAF_TEST(commands under way need no thread each) {
  constexpr std::size_t count = 32;
  config.max_pool_size = count;
  const auto before = threads();
  const auto pool = start();
  establish(pool, count);
  server.run("admin", R"({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data":
    {"appName": "moor", "failCommands": ["find"], "blockConnection": true, "blockTimeMS": 500}})");
  std::vector<decltype(ask_find(pool, forever))> asked;
  for (std::size_t i = 0; i < count; ++i)
    asked.push_back(ask_find(pool, forever));
  CAF_CHECK(eventually([&] { return stats(pool).in_use == count; }));
  CAF_CHECK_LESS(threads() - before, static_cast<std::ptrdiff_t>(count / 2));
  std::size_t answered = 0;
  for (auto& one : asked)
    one.receive([&](const document&) { ++answered; },
                [](const caf::error& err) { CAF_FAIL(describe(err)); });
  CAF_CHECK_EQUAL(answered, count);
}

CAF_TEST(a function that blocks is in the way of no command) {
  const auto pool = start();
  const auto got = run(pool, [&](mongoc_client_t&) {
    caf::scoped_actor other{system};
    bool answered = false;
    ask_command(other, pool, {.operation = "test", .timeout = forever}, "admin",
                std::get<document>(mongo::from_json(R"({"ping": 1})")))
      .receive([&](const document&) { answered = true; }, [](const caf::error&) {});
    return answered;
  });
  CAF_REQUIRE(got.value);
  CAF_CHECK(*got.value);
}

CAF_TEST(a lease mixes commands and functions on its connection) {
  const auto pool = start();
  auto held = lend(pool);
  CAF_REQUIRE(held.value);
  for (int i = 0; i < 5; ++i) {
    CAF_CHECK(command(*held.value, R"({"ping": 1})").value);
    CAF_CHECK(run(*held.value, [](mongoc_client_t&) { return true; }).value);
  }
}

CAF_TEST(a command on a fiber is given up at its deadline) {
  config.max_pool_size = 1;
  const auto pool = start();
  CAF_REQUIRE(command(pool, R"({"ping": 1})").value);
  server.run("admin", R"({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data":
    {"appName": "moor", "failCommands": ["find"], "blockConnection": true, "blockTimeMS": 60000}})");
  CAF_CHECK(command(pool, R"({"find": "things"})", 200ms).refused(errc::operation_timeout));
  CAF_CHECK(command(pool, R"({"ping": 1})").value);
}

// The server answers long after the test would have been given up: only a cut ends that wait.

CAF_TEST(the end cuts a command that waits on a fiber) {
  config.socket_timeout = 10min;
  const auto pool = start();
  auto asked = held_find(pool, 10min);
  db.stop();
  asked.receive([](const document&) { CAF_FAIL("it was answered"); }, [](const caf::error&) {});
}

CAF_TEST(an actor that is killed in a command on a fiber ends by the cut at its deadline) {
  config.max_pool_size = 1;
  config.socket_timeout = 10min;
  const auto pool = start();
  auto asked = held_find(pool, 2s);
  caf::actor at_work;
  self->request(caf::actor_cast<caf::actor>(pool), forever, get_parts{})
    .receive([&](const parts& all) { at_work = all.at(0).actor; },
             [](const caf::error& err) { CAF_FAIL(describe(err)); });
  self->monitor(at_work);
  caf::anon_send_exit(at_work, caf::exit_reason::kill);
  asked.receive([](const document&) { CAF_FAIL("it was answered"); },
                [](const caf::error& err) { CAF_CHECK(code_of(err) == errc::operation_timeout); });
  self->receive([](const caf::down_msg&) {}, caf::after(forever) >> [] { CAF_FAIL("it stays"); });
  CAF_CHECK(command(pool, R"({"ping": 1})").value);
}

CAF_TEST(borrowers handle results on the loop if and when they are to) {
  const auto pool = start();
  const auto borrower = system.spawn([pool](caf::event_based_actor* asker) -> caf::behavior {
    return {[asker, pool](int left) {
      auto told = asker->make_response_promise<int>();
      ask(asker, pool, told, left);
      return told;
    }};
  });
  const auto on_loop_of_100 = [&] {
    int on_loop = -1;
    self->request(borrower, forever, 100)
      .receive([&](int count) { on_loop = count; },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return on_loop;
  };
  CAF_CHECK_EQUAL(on_loop_of_100(), 0);
  auto changed = config;
  changed.turns = borrower_turns::loop;
  self->request(pool, forever, reload{std::make_shared<const settings>(changed)})
    .receive([](const reload_report&) {}, [](const caf::error& err) { CAF_FAIL(describe(err)); });
  CAF_CHECK_GREATER(on_loop_of_100(), 0); // a stall of the machine may send others to the workers
  caf::anon_send_exit(borrower, caf::exit_reason::user_shutdown);
}

CAF_TEST(a pool on fibers drains) {
  const auto pool = start();
  establish(pool, 4);
  CAF_CHECK_EQUAL(connections_at_server(), 4);
  CAF_CHECK_EQUAL(db.drain(5s).cut_off, 0u);
  CAF_CHECK(eventually([&] { return connections_at_server() == 0; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
