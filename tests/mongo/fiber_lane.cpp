#define CAF_SUITE mongo_fiber_lane

#include "moor/mongo/fiber_lane.hpp"

#include <atomic>
#include <cstdlib>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <caf/test/unit_test.hpp>

#include "support/few_threads.hpp"
#include "support/in_child.hpp"

#include "loop_work.hpp"

using namespace moor;
using namespace moor::mongo;

CAF_TEST(blocking work is done off the loop while that goes on) {
  fiber_lane lane;
  std::promise<void> may_end;
  auto blocked = done_on(lane.loop(), [&] {
    const auto before = std::this_thread::get_id();
    std::thread::id inside;
    const bool done = lane.off_loop([&] {
      inside = std::this_thread::get_id();
      may_end.get_future().wait();
    });
    return done && inside != before && std::this_thread::get_id() == before;
  });
  come(done_on(lane.loop(), [&] { return may_end.set_value(), true; }));
  CAF_CHECK(come(std::move(blocked)));
}

CAF_TEST(an exception comes back to the loop) {
  fiber_lane lane;
  CAF_CHECK_EQUAL(come(done_on(lane.loop(),
                               [&] {
                                 try {
                                   static_cast<void>(
                                     lane.off_loop([] { throw std::runtime_error{"from there"}; }));
                                 } catch (const std::runtime_error& e) {
                                   return std::string{e.what()};
                                 }
                                 return std::string{"nothing"};
                               })),
                  "from there");
}

CAF_TEST(off a loop blocking work is done at once) {
  fiber_lane lane;
  std::thread::id inside;
  CAF_CHECK(lane.off_loop([&] { inside = std::this_thread::get_id(); }));
  CAF_CHECK(inside == std::this_thread::get_id());
}

CAF_TEST(the end of a lane waits for blocking work) {
  std::atomic<bool> ended = false;
  {
    fiber_lane lane;
    std::promise<void> begun;
    lane.loop().post([&] { ended = lane.off_loop([&] { begun.set_value(); }); });
    begun.get_future().wait();
  }
  CAF_CHECK(ended);
}

// Threads are denied by a limit of the address space, which a sanitizer needs for itself.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

CAF_TEST(blocking work that finds no thread is not begun) {
  CAF_CHECK(test::succeeds([] {
    fiber_lane lane;
    std::promise<void> may_end;
    std::promise<bool> taken;
    {
      const test::few_threads none{0};
      while (!lane.workers().post([&] { may_end.get_future().wait(); }))
        std::this_thread::yield(); // its one thread is on its way
      test::require(lane.loop().post([&] { taken.set_value(lane.off_loop([] { ::abort(); })); }),
                    "the loop takes work");
      test::require(!test::value_of(taken), "nobody takes it");
    }
    may_end.set_value();
    std::promise<bool> again;
    test::require(lane.loop().post([&] { again.set_value(lane.off_loop([] {})); }), "it goes on");
    test::require(test::value_of(again), "then somebody takes it");
  }));
}

#endif

CAF_TEST(connections are spread over the lanes) {
  fiber_lanes lanes{2};
  const auto first = lanes.next();
  const auto second = lanes.next();
  CAF_CHECK(first != second);
  CAF_CHECK(first == lanes.next());
  CAF_CHECK_GREATER_OR_EQUAL(fiber_lanes::usual(), 1u);
}
