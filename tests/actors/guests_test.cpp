// Borrowers that have turns on the loop which brought their results.
#define CAF_SUITE guests

#include "moor/actors/guests.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "mongo/loop_work.hpp"
#include "moor/actors/handover.hpp"
#include "support/patience.hpp"

#include "loop_rig.hpp"

using namespace moor;
using namespace moor::actors;
using mongo::come;
using test::forever;
using namespace std::chrono_literals;

namespace {

struct fixture : loop_rig {
  fixture() {
    loop_thread = come(mongo::done_on(loop, [] { return std::this_thread::get_id(); }));
  }

  bool on_loop() const { return std::this_thread::get_id() == loop_thread; }

  void invite(std::vector<caf::actor> whom) { wake<guest_turns>(std::move(whom)); }

  std::thread::id loop_thread;
};

void keep_busy(std::chrono::nanoseconds length) {
  const auto until = std::chrono::steady_clock::now() + length;
  while (std::chrono::steady_clock::now() < until)
    ;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(guests_tests, fixture)

CAF_TEST(a guest has its turn on the loop but on no fiber) {
  std::promise<bool> told;
  invite({spawn([&] { told.set_value(on_loop() && !mongo::fiber_loop::here{}); })});
  CAF_CHECK(come(told.get_future()));
}

CAF_TEST(off a loop nobody is a guest) {
  std::promise<bool> told;
  wake_here<guest_turns>(*system, {spawn([&] { told.set_value(on_loop()); })});
  CAF_CHECK(!come(told.get_future()));
}

CAF_TEST(who comes after a slow guest is none) {
  std::promise<bool> slow;
  std::promise<bool> next;
  invite({spawn([&] {
            slow.set_value(on_loop());
            keep_busy(machines::turn_budget::most + 1ms);
          }),
          spawn([&] { next.set_value(on_loop()); })});
  CAF_CHECK(come(slow.get_future()));
  CAF_CHECK(!come(next.get_future()));
}

CAF_TEST(turns are counted where they are had) {
  guest_turns unit{&*system};
  std::promise<bool> slow;
  std::promise<bool> next;
  const std::vector guests{spawn([&] {
                             keep_busy(machines::turn_budget::most + 1ms);
                             slow.set_value(true);
                           }),
                           spawn([&] { next.set_value(true); })};
  CAF_REQUIRE(loop.post([&] { wake_in(unit, guests); }));
  come(slow.get_future());
  come(next.get_future());
  CAF_CHECK_EQUAL(unit.counts().on_loop, 1u);
  CAF_CHECK_EQUAL(unit.counts().on_scheduler, 1u);
}

CAF_TEST(guests do not wait with a loop that is blocked) {
  std::promise<bool> turn;
  std::promise<bool> came;
  const auto guest = spawn([&] { turn.set_value(on_loop()); });
  CAF_REQUIRE(loop.post([&] {
    wake_here<guest_turns>(*system, {guest});
    mongo::fiber_loop::here{}.before_blocking();
    auto had = turn.get_future();
    came.set_value(had.wait_for(forever) == std::future_status::ready && !had.get());
  }));
  CAF_CHECK(come(came.get_future()));
}

CAF_TEST(what is posted has its turn although a guest comes again and again) {
  std::atomic<bool> enough = false;
  std::promise<bool> end;
  std::function<void()> again;
  auto guest = spawn_for(-1, [&] { // who sends, and is refused at once
    if (enough)
      end.set_value(true);
    else
      loop.post(again);
  });
  again = [&] { wake_here<guest_turns>(*system, {guest}); };
  CAF_REQUIRE(loop.post(again));
  std::promise<bool> other;
  CAF_REQUIRE(loop.post([&] { other.set_value(true); }));
  CAF_CHECK(come(other.get_future()));
  enough = true;
  CAF_CHECK(come(end.get_future()));
}

CAF_TEST(who has more messages than a few goes on at the scheduler) {
  constexpr int count = 20;
  std::atomic<int> here{0};
  std::atomic<int> elsewhere{0};
  std::promise<bool> last;
  const auto guest = spawn_for(count, [&] {
    ++(on_loop() ? here : elsewhere);
    if (here + elsewhere == count)
      last.set_value(true);
  });
  invite(std::vector<caf::actor>(count, guest));
  CAF_CHECK(come(last.get_future()));
  CAF_CHECK_EQUAL(here.load(), static_cast<int>(guests::most_messages));
}

CAF_TEST(the end of an actor system waits for guests) {
  for (int i = 0; i < 20; ++i) {
    std::atomic<bool> had_its_turn = false;
    auto hidden = system->spawn<caf::lazy_init + caf::hidden>([&](caf::event_based_actor* self) {
      return caf::behavior{[&, self](int) {
        keep_busy(1ms);
        had_its_turn = true;
        self->quit();
      }};
    });
    mongo::fiber_loop fresh; // whose guests were never slow
    std::promise<bool> invited;
    CAF_REQUIRE(fresh.post([&, where = &*system, whom = std::vector{std::move(hidden)}] {
      wake_here<guest_turns>(*where, whom);
      invited.set_value(true);
    }));
    CAF_CHECK(come(invited.get_future()));
    system.reset();
    CAF_CHECK(had_its_turn);
    system.emplace(settings);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
