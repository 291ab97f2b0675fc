// A connection's actor on a lane.
#define CAF_SUITE connection_lane

#include <caf/test/dsl.hpp>

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "moor/actors/connection.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/fiber_lane.hpp"
#include "support/fake_driver.hpp"
#include "support/few_threads.hpp"
#include "support/in_child.hpp"
#include "support/patience.hpp"

using namespace moor;
using namespace moor::actors;
using namespace moor::test;

namespace {

const document nothing{{5, 0, 0, 0, 0}};

/// All of it on a lane of its own. Failures are thrown: a child has no other word.
struct rig {
  rig() { driver.script->lane = lane; }

  connection_actor spawn() {
    return spawn_connection(system, connection_threads::own_thread, 1, driver.make_connection());
  }

  template <class Answer, class Message>
  Answer ask(const connection_actor& whom, Message message) {
    self->send(whom, std::move(message));
    Answer got{};
    self->receive([&](Answer& a) { got = std::move(a); },
                  caf::after(forever) >> [] { throw std::runtime_error{"there is no answer"}; });
    return got;
  }

  job_done command(const connection_actor& whom) {
    return ask<job_done>(whom, job{0, 1, moor::command{{}, "db", nothing}});
  }

  /// The reason of an actor's end that a command brought about.
  std::string end_by_command(const connection_actor& whom) {
    self->monitor(whom);
    self->send(whom, job{0, 1, moor::command{{}, "db", nothing}});
    std::string why;
    self->receive([&](const caf::down_msg& down) { why = to_string(down.reason); },
                  caf::after(forever) >> [] { throw std::runtime_error{"it does not end"}; });
    return why;
  }

  fake_driver driver;
  std::shared_ptr<mongo::fiber_lane> lane = std::make_shared<mongo::fiber_lane>();
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_lane_tests, rig)

CAF_TEST(commands are carried out on a fiber and what may block is not ) {
  const auto it = spawn();
  bool command_on_fiber = false;
  bool dial_on_fiber = true;
  driver.script->on_establish([&] { dial_on_fiber = bool{mongo::fiber_loop::here{}}; });
  driver.script->answer_with([&](const document& body) {
    command_on_fiber = bool{mongo::fiber_loop::here{}};
    return body;
  });
  CAF_CHECK(!ask<dialled>(it, dial{}).why);
  CAF_CHECK(!dial_on_fiber);
  // The first may come before the worker has ended the turn of the dial, and be part of it.
  const auto until = std::chrono::steady_clock::now() + forever;
  while (!command_on_fiber && std::chrono::steady_clock::now() < until)
    CAF_CHECK(std::holds_alternative<document>(command(it).result));
  CAF_CHECK(command_on_fiber);
  CAF_CHECK(std::holds_alternative<server_view>(ask<examined>(it, examine{}).what));
  CAF_CHECK(!command_on_fiber);
}

CAF_TEST(a handler that throws on a fiber ends its actor alone) {
  const auto first = spawn();
  const auto second = spawn();
  driver.script->answer_with(
    [&](const document&) -> document { throw std::runtime_error{"on a fiber"}; });
  CAF_CHECK(has(end_by_command(first), "on a fiber"));
  driver.script->answer_with(nullptr);
  CAF_CHECK(std::holds_alternative<document>(command(second).result));
}

CAF_TEST(a handler that throws after it was off the loop ends its actor alone) {
  const auto first = spawn();
  const auto second = spawn();
  driver.script->answer_with([&](const document&) -> document {
    if (!lane->off_loop([] {}))
      throw std::runtime_error{"no thread"};
    throw std::runtime_error{"back on the loop"};
  });
  CAF_CHECK(has(end_by_command(first), "back on the loop"));
  driver.script->answer_with([&](const document& body) {
    CAF_CHECK(lane->off_loop([] {}));
    return body;
  });
  CAF_CHECK(std::holds_alternative<document>(command(second).result));
}

CAF_TEST(the end of a connection is waited for by the actor system) {
  const auto it = spawn();
  CAF_REQUIRE(!ask<dialled>(it, dial{}).why);
  CAF_CHECK_EQUAL(driver.script->open.load(), 1);
  self->monitor(it);
  self->send(it, hang_up{});
  self->receive([](const caf::down_msg&) {}, caf::after(forever) >> [] { CAF_FAIL("it stays"); });
  CAF_CHECK_EQUAL(driver.script->open.load(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()

// Threads are denied by a limit of the address space, which a sanitizer needs for itself.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

CAF_TEST(what finds no thread is answered) {
  CAF_CHECK(succeeds([] {
    rig of;
    const auto it = of.spawn();
    require(!of.ask<dialled>(it, dial{}).why, "at first there is a thread");
    std::promise<void> may_end;
    const auto occupied = may_end.get_future().share();
    {
      const few_threads none{0};
      while (of.lane->workers().size() > 1
             || !of.lane->workers().post([occupied] { occupied.wait(); }))
        std::this_thread::yield();
      const auto refused = of.ask<dialled>(it, dial{}).why;
      require(refused && refused->code == errc::connect_failed, "the dial fails");
      bool called = false;
      auto done = of.ask<job_done>(it, job{0, 1, run{{}, [&](_mongoc_client_t&) {
                                                       called = true;
                                                       return run_result{};
                                                     }}});
      const auto* why = std::get_if<failure>(&done.result);
      require(why != nullptr && why->code == errc::function_failed && !called,
              "the function is not called");
      require(!done.spoilt_by, "and the connection is as good as before");
      require(std::holds_alternative<document>(of.command(it).result), "a command needs none");
    }
    may_end.set_value();
  }));
}

#endif
