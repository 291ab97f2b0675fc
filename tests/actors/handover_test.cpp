// How actors that a lane woke get to CAF's scheduler.
#define CAF_SUITE handover

#include "moor/actors/handover.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "support/patience.hpp"

#include "loop_rig.hpp"

using namespace moor;
using namespace moor::actors;
using test::forever;

CAF_TEST_FIXTURE_SCOPE(handover_tests, loop_rig)

CAF_TEST(all that a round woke have their turns) {
  constexpr int count = 100;
  std::atomic<int> turns{0};
  std::promise<void> all;
  auto done = all.get_future();
  std::vector<caf::actor> whom;
  for (int i = 0; i < count; ++i)
    whom.push_back(spawn([&] {
      if (++turns == count)
        all.set_value();
    }));
  wake<handover>(std::move(whom));
  CAF_CHECK(done.wait_for(forever) == std::future_status::ready);
}

CAF_TEST(one that is held up holds up nobody else) {
  std::promise<void> second_had_its_turn;
  std::promise<bool> first_ended;
  auto ended = first_ended.get_future();
  auto first = spawn([&] {
    const auto seen = second_had_its_turn.get_future().wait_for(forever);
    first_ended.set_value(seen == std::future_status::ready);
  });
  auto second = spawn([&] { second_had_its_turn.set_value(); });
  wake<handover>({std::move(first), std::move(second)});
  CAF_REQUIRE(ended.wait_for(forever) == std::future_status::ready);
  CAF_CHECK(ended.get());
}

CAF_TEST(an actor with more messages than one turn takes has further turns) {
  system.reset();
  settings.set("scheduler.max-throughput", 1u);
  system.emplace(settings);
  std::promise<void> all;
  auto done = all.get_future();
  const auto one = spawn_for(10, [&, left = std::make_shared<int>(10)] {
    if (--*left == 0)
      all.set_value();
  });
  wake<handover>(std::vector<caf::actor>(10, one));
  CAF_CHECK(done.wait_for(forever) == std::future_status::ready);
}

CAF_TEST(a loop that never rests hands over all the same) {
  const auto until = std::chrono::steady_clock::now() + forever;
  std::atomic<bool> had_its_turn = false;
  std::promise<void> rest;
  std::function<void()> more = [&] {
    if (had_its_turn || std::chrono::steady_clock::now() > until)
      rest.set_value();
    else
      loop.post(more);
  };
  CAF_REQUIRE(loop.post(more));
  wake<handover>({spawn([&] { had_its_turn = true; })});
  rest.get_future().wait();
  CAF_CHECK(had_its_turn);
}

CAF_TEST(the end of an actor system waits until all are taken) {
  std::atomic<int> turns{0};
  for (int i = 0; i < 20; ++i) {
    turns = 0;
    wake<handover>({spawn([&] { ++turns; }), spawn([&] { ++turns; }), spawn([&] { ++turns; })});
    system.reset();
    CAF_CHECK_EQUAL(turns.load(), 3);
    system.emplace(settings);
  }
}

CAF_TEST(off a loop an actor is woken at once) {
  std::promise<void> turn;
  auto done = turn.get_future();
  const auto one = spawn([&] { turn.set_value(); });
  handover here{&*system};
  one->enqueue(nullptr, caf::make_message_id(), caf::make_message(1), &here);
  CAF_CHECK(done.wait_for(forever) == std::future_status::ready);
}

CAF_TEST_FIXTURE_SCOPE_END()
