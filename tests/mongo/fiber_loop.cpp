#define CAF_SUITE mongo_fiber_loop

#include "moor/mongo/fiber_loop.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/test/unit_test.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/few_threads.hpp"
#include "support/in_child.hpp"
#include "support/patience.hpp"

#include "line.hpp"
#include "loop_work.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace std::chrono_literals;
using test::forever;
using outcome = fiber_loop::outcome;

CAF_TEST(work begins in the order in which it was posted) {
  fiber_loop loop;
  std::string trace;
  for (char c = 'a'; c <= 'z'; ++c)
    CAF_REQUIRE(loop.post([&trace, c] { trace += c; }));
  come(done_on(loop, [] { return true; }));
  CAF_CHECK_EQUAL(trace, "abcdefghijklmnopqrstuvwxyz");
}

CAF_TEST(only work of a loop is on a fiber) {
  fiber_loop loop;
  CAF_CHECK(!fiber_loop::here{});
  CAF_CHECK(come(done_on(loop, [] { return bool{fiber_loop::here{}}; })));
}

CAF_TEST(a wait ends when something comes) {
  fiber_loop loop;
  line to;
  auto got = done_on(loop, [&] { return to.read(); });
  to.say('x');
  CAF_CHECK(come(std::move(got)) == 'x');
}

CAF_TEST(what came before the wait is seen) {
  fiber_loop loop;
  line to;
  to.say('x');
  to.say('y');
  CAF_CHECK(come(done_on(loop, [&] { return to.wait(POLLIN); })) == outcome::ready);
  CAF_CHECK(come(done_on(loop, [&] { return to.read(); })) == 'x');
  CAF_CHECK(come(done_on(loop, [&] { return to.read(); })) == 'y');
}

CAF_TEST(a wait ends at its time and not before) {
  fiber_loop loop;
  line to;
  const auto until = fiber_loop::clock::now() + 20ms;
  CAF_CHECK(come(done_on(loop, [&] { return to.wait(POLLIN, until); })) == outcome::timed_out);
  CAF_CHECK(fiber_loop::clock::now() >= until);
}

CAF_TEST(what epoll does not take is waited for all the same) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), std::fclose};
  CAF_REQUIRE(file);
  fiber_loop loop;
  std::uint32_t note = 0;
  const fiber_loop::interest what{::fileno(file.get()), POLLIN, &note};
  CAF_CHECK(come(done_on(loop,
                         [&] {
                           return fiber_loop::here{}.wait({&what, 1}, never);
                         }))
            == outcome::ready);
}

CAF_TEST(waits end in the order of their times) {
  fiber_loop loop;
  std::array<line, 3> to;
  std::string trace;
  const auto now = fiber_loop::clock::now();
  std::vector<std::future<bool>> all;
  for (std::size_t i = 0; i < to.size(); ++i)
    all.push_back(done_on(loop, [&, i] {
      to[i].wait(POLLIN, now + (3 - i) * 5ms);
      trace += static_cast<char>('0' + i);
      return true;
    }));
  for (auto& one : all)
    come(std::move(one));
  CAF_CHECK_EQUAL(trace, "210");
}

CAF_TEST(a socket that another thread shuts ends the wait for it whenever that comes) {
  fiber_loop loop;
  for (int i = 0; i < 100; ++i) {
    line to;
    auto end = done_on(loop, [&] { return to.wait(POLLIN); });
    std::thread{[&] { ::shutdown(to.ours.get(), SHUT_RDWR); }}.join();
    CAF_CHECK(come(std::move(end)) == outcome::ready);
  }
}

CAF_TEST(an end that came while nobody waited ends the next wait) {
  fiber_loop loop;
  line to;
  const auto soon = fiber_loop::clock::now() + 1ms;
  CAF_CHECK(come(done_on(loop, [&] { return to.wait(POLLIN, soon); })) == outcome::timed_out);
  to.theirs = {};
  // The loop meets it before it does anything later.
  line other;
  auto turn = done_on(loop, [&] { return other.read(); });
  other.say('x');
  come(std::move(turn));
  CAF_CHECK(come(done_on(loop, [&] { return to.wait(POLLIN); })) == outcome::ready);
}

CAF_TEST(at the end of rounds the loop calls and comes back in time) {
  std::promise<void> thrice;
  auto done = thrice.get_future();
  std::atomic<bool> is_destroyed = false;
  {
    fiber_loop loop;
    const auto mark = std::shared_ptr<int>(new int{0}, [&](const int* calls) {
      is_destroyed = true;
      delete calls;
    });
    come(done_on(loop, [&, mark] {
      fiber_loop::here{}.at_end_of_rounds([&, mark](bool) {
        if (++*mark == 3)
          thrice.set_value();
        return fiber_loop::clock::now() + 1ms;
      });
      return true;
    }));
    CAF_CHECK(done.wait_for(forever) == std::future_status::ready);
  }
  CAF_CHECK(is_destroyed);
}

CAF_TEST(at the end of a round it is known whether the loop has more to do) {
  std::promise<bool> first;
  std::promise<void> rest;
  auto goes_on_at_first = first.get_future();
  auto rests_then = rest.get_future();
  int calls = 0;
  bool rested = false;
  fiber_loop loop; // ends before these
  come(done_on(loop, [&] {
    fiber_loop::here{}.at_end_of_rounds([&](bool goes_on) {
      if (++calls == 1)
        first.set_value(goes_on);
      else if (!goes_on && !std::exchange(rested, true))
        rest.set_value();
      return fiber_loop::clock::time_point::max();
    });
    return loop.post([] {});
  }));
  CAF_REQUIRE(goes_on_at_first.wait_for(forever) == std::future_status::ready);
  CAF_CHECK(goes_on_at_first.get());
  CAF_CHECK(rests_then.wait_for(forever) == std::future_status::ready);
}

CAF_TEST(in the middle of rounds the loop calls on its own stack and goes on with what that posts) {
  std::promise<bool> last;
  auto all = last.get_future();
  fiber_loop loop; // ends before these
  CAF_REQUIRE(loop.post([&] {
    fiber_loop::here{}.in_rounds([&, posted = false]() mutable {
      if (!std::exchange(posted, true))
        loop.post([&, on_stack = !fiber_loop::here{}] { last.set_value(on_stack); });
    });
  }));
  CAF_CHECK(come(std::move(all)));
}

CAF_TEST(of several descriptors the first to be ready ends the wait) {
  fiber_loop loop;
  line silent;
  line lively;
  auto end = done_on(loop, [&] {
    const std::array what{fiber_loop::interest{silent.ours.get(), POLLIN, &silent.note},
                          fiber_loop::interest{lively.ours.get(), POLLIN, &lively.note}};
    return fiber_loop::here{}.wait(what, never);
  });
  lively.say('x');
  CAF_CHECK(come(std::move(end)) == outcome::ready);
  CAF_CHECK(come(done_on(loop, [&] { return lively.read(); })) == 'x');
}

CAF_TEST(a full buffer is waited for until there is room) {
  fiber_loop loop;
  line to;
  const std::string part(4096, 'x');
  while (::send(to.ours.get(), part.data(), part.size(), 0) > 0)
    ;
  auto end = done_on(loop, [&] { return to.wait(POLLOUT); });
  std::string read(part.size(), ' ');
  while (::recv(to.theirs.get(), read.data(), read.size(), 0) > 0)
    ;
  CAF_CHECK(come(std::move(end)) == outcome::ready);
}

CAF_TEST(a descriptor that gets the number of one that was closed is waited for anew) {
  fiber_loop loop;
  std::unique_ptr<line> to;
  std::optional<int> number;
  int same = 0;
  for (int i = 0; i < 20; ++i) {
    to.reset();
    to = std::make_unique<line>();
    same += number == to->ours.get() ? 1 : 0;
    number = to->ours.get();
    auto got = done_on(loop, [&] { return to->read(); });
    to->say('x');
    CAF_CHECK(come(std::move(got)) == 'x');
  }
  CAF_CHECK_GREATER(same, 0);
}

CAF_TEST(what moves to another loop is waited for there) {
  fiber_loop first;
  fiber_loop second;
  line to;
  for (int i = 0; i < 10; ++i) {
    auto& loop = i % 2 == 0 ? first : second;
    const auto soon = fiber_loop::clock::now() + 1ms;
    CAF_CHECK(come(done_on(loop, [&] { return to.wait(POLLIN, soon); })) == outcome::timed_out);
    auto got = done_on(loop, [&] { return to.read(); });
    to.say('x');
    CAF_CHECK(come(std::move(got)) == 'x');
  }
}

CAF_TEST(many fibers wait at once and on few) {
  constexpr int count = 200;
  std::array<line, count> to;
  fiber_loop loop;
  std::latch all_begun{count};
  std::vector<std::future<int>> all;
  for (auto& one : to)
    all.push_back(done_on(loop, [&] {
      all_begun.count_down();
      int sum = 0;
      for (int i = 0; i < 10; ++i)
        sum += one.read().value_or(0);
      return sum;
    }));
  all_begun.wait();
  for (char i = 1; i <= 10; ++i)
    for (auto& one : to)
      one.say(i);
  for (auto& one : all)
    CAF_CHECK_EQUAL(come(std::move(one)), 55);
}

CAF_TEST(the end of a loop wakes all that waits and waits no more) {
  std::array<line, 3> to;
  std::vector<std::future<std::pair<outcome, outcome>>> all;
  {
    fiber_loop loop;
    for (auto& one : to)
      all.push_back(done_on(loop, [&] {
        const auto woken = one.wait(POLLIN);
        return std::pair{woken, one.wait(POLLIN)};
      }));
  }
  for (auto& one : all)
    CAF_CHECK(come(std::move(one)) == std::pair(outcome::stopped, outcome::stopped));
}

CAF_TEST(a wait that begins in the round in which the end comes is woken) {
  line to;
  std::promise<outcome> how;
  auto woken = how.get_future();
  std::atomic<bool> may_end = false;
  const auto ending = "/proc/self/task/" + std::to_string(::gettid());
  auto loop = std::make_unique<fiber_loop>();
  const auto soon = fiber_loop::clock::now() + 1ms;
  come(done_on(*loop, [&] { return to.wait(POLLIN, soon); })); // now epoll has it
  CAF_REQUIRE(loop->post([&, its = loop.get()] {
    its->post([&] { how.set_value(to.wait(POLLIN)); });
    its->post([&] { // in the same round: until who ends the loop waits for that
      may_end = true;
      const auto give_up = fiber_loop::clock::now() + forever;
      while (!test::sleeps_at(ending) && fiber_loop::clock::now() < give_up)
        std::this_thread::yield();
    });
  }));
  while (!may_end)
    std::this_thread::yield();
  loop.reset();
  CAF_CHECK(come(std::move(woken)) == outcome::stopped);
}

CAF_TEST(a loop that its own work ends goes on until that has ended) {
  auto loop = std::make_unique<fiber_loop>();
  auto& its = *loop;
  std::promise<bool> ended;
  auto result = ended.get_future();
  its.post([&ended, last = std::move(loop).release()] {
    delete last;
    ended.set_value(true);
  });
  CAF_CHECK(come(std::move(result)));
}

CAF_TEST(a loop takes what comes whether it sleeps or looks out) {
  fiber_loop loop;
  line to;
  auto waits = done_on(loop, [&] { return to.read(); });
  for (int i = 0; i < 2000; ++i) // in its short rests
    CAF_REQUIRE_EQUAL(come(done_on(loop, [i] { return i; })), i);
  to.say('x');
  CAF_CHECK(come(std::move(waits)) == 'x');
}

// Stacks are denied by a limit of the address space, which a sanitizer needs for itself.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

CAF_TEST(work without a stack waits for one and the loop sleeps meanwhile) {
  CAF_CHECK(test::succeeds([] {
    fiber_loop loop;
    line to;
    line other;
    std::promise<void> looked;
    auto got = done_on(loop, [&] {
      to.read();
      looked.set_value();
      return to.read();
    });
    come(done_on(loop, [] { return true; })); // its stack is kept
    const test::no_address_space limit;
    auto first = done_on(loop, [&] { return other.read(); }); // on that stack
    auto second = done_on(loop, [&] { return 2; });
    auto third = done_on(loop, [&] { return 3; });
    to.say('x');
    test::value_of(looked); // now the loop has met those that it cannot begin
    const auto until = std::chrono::steady_clock::now() + forever;
    while (!test::sleeps("moor.loop") && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    test::require(test::sleeps("moor.loop"), "it does not turn round and round");
    other.say('x');
    test::require(come(std::move(first)) == 'x', "what waits goes on");
    test::require(come(std::move(second)) == 2 && come(std::move(third)) == 3, "and then the rest");
    to.say('y');
    test::require(come(std::move(got)) == 'y', "all ends");
  }));
}

#endif
