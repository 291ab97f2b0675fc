#define CAF_SUITE mongo_worker_pool

#include "moor/mongo/worker_pool.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <thread>

#include <caf/test/unit_test.hpp>

#include "support/patience.hpp"

#include "loop_work.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace std::chrono_literals;

CAF_TEST(as much is done at once as was posted) {
  constexpr int count = 8;
  std::latch all{count};
  {
    worker_pool workers;
    for (int i = 0; i < count; ++i)
      CAF_CHECK(workers.post([&] { all.arrive_and_wait(); }));
  }
  CAF_CHECK(all.try_wait());
}

CAF_TEST(a thread without work takes the next) {
  worker_pool workers;
  for (int i = 0; i < 100; ++i) {
    std::promise<bool> done;
    CAF_REQUIRE(workers.post([&] { done.set_value(true); }));
    come(done.get_future());
  }
  CAF_CHECK_LESS(workers.size(), 100u);
}

CAF_TEST(threads without work end but for one) {
  worker_pool workers{1ms};
  std::latch all{4};
  for (int i = 0; i < 4; ++i)
    CAF_REQUIRE(workers.post([&] { all.arrive_and_wait(); }));
  all.wait();
  const auto until = std::chrono::steady_clock::now() + test::forever;
  while (workers.size() > 1 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CAF_CHECK_EQUAL(workers.size(), 1u);
  std::promise<bool> done;
  CAF_REQUIRE(workers.post([&] { done.set_value(true); }));
  CAF_CHECK(come(done.get_future()));
}

CAF_TEST(its end waits for all work) {
  std::atomic<int> done = 0;
  {
    worker_pool workers;
    for (int i = 0; i < 20; ++i)
      CAF_CHECK(workers.post([&] { ++done; }));
  }
  CAF_CHECK_EQUAL(done.load(), 20);
}

CAF_TEST(its own work may end it) {
  auto workers = std::make_unique<worker_pool>();
  auto& its = *workers;
  std::promise<bool> ended;
  auto result = ended.get_future();
  CAF_REQUIRE(its.post([&ended, last = workers.release()] {
    delete last;
    ended.set_value(true);
  }));
  CAF_CHECK(come(std::move(result)));
}
