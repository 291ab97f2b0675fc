#define CAF_SUITE mongo_loop_sending

#include "moor/mongo/fiber_loop.hpp"

#include <array>
#include <cstddef>
#include <future>
#include <memory>
#include <string>

#include <caf/test/unit_test.hpp>
#include <poll.h>

#include "support/patience.hpp"

#include "line.hpp"
#include "loop_work.hpp"

using namespace moor::mongo;
using moor::test::forever;

CAF_TEST(those that send go together at the end of a round) {
  std::string trace;
  std::promise<void> last;
  auto all = last.get_future();
  fiber_loop loop; // ends before these
  CAF_REQUIRE(loop.post([&] {
    for (const char c : {'a', 'b', 'c'})
      loop.post([&, c] {
        trace += c;
        fiber_loop::here{}.before_sending();
        trace += static_cast<char>(c - 'a' + 'A');
        if (c == 'c')
          last.set_value();
      });
  }));
  CAF_REQUIRE(all.wait_for(forever) == std::future_status::ready);
  CAF_CHECK_EQUAL(trace, "abcABC");
}

CAF_TEST(half of those at work are enough if they send again after an answer) {
  std::string trace;
  std::array<line, 4> answered;
  std::array<line, 4> others;
  for (auto& one : answered)
    one.say('x');
  std::promise<void> last;
  auto all = last.get_future();
  fiber_loop loop; // ends before these, and so do the others' waits
  const auto send_again = [&](line& on, char name) {
    on.wait(POLLIN);
    trace += name;
    if (name == 'd')
      loop.post([&] { // in the next round
        trace += '.';
        last.set_value();
      });
    fiber_loop::here{}.before_sending();
    trace += static_cast<char>(name - 'a' + 'A');
  };
  CAF_REQUIRE(loop.post([&] {
    for (auto& other : others)
      loop.post([&] { other.wait(POLLIN); });
    for (std::size_t i = 0; i < answered.size(); ++i)
      loop.post([&, i] { send_again(answered.at(i), static_cast<char>('a' + i)); });
  }));
  CAF_REQUIRE(all.wait_for(forever) == std::future_status::ready);
  CAF_CHECK_EQUAL(trace, "abcdABCD.");
}

CAF_TEST(who sends twice without waiting is let go twice by a loop that would rest) {
  fiber_loop loop;
  CAF_CHECK(come(done_on(loop, [] {
    fiber_loop::here{}.before_sending();
    fiber_loop::here{}.before_sending();
    return true;
  })));
}

CAF_TEST(a loop does not end before what those that send bring to do) {
  line to;
  bool done = false;
  auto loop = std::make_unique<fiber_loop>();
  come(done_on(*loop, [&] {
    loop->post([&, its = loop.get()] {
      to.wait(POLLIN); // until the loop is to end
      fiber_loop::here{}.before_sending();
      its->post([&] { done = true; });
    });
    return true;
  }));
  loop.reset();
  CAF_CHECK(done);
}

CAF_TEST(what those that send bring to do wakes the loop that would rest) {
  fiber_loop loop;
  std::promise<void> done;
  auto result = done.get_future();
  come(done_on(loop, [&] {
    fiber_loop::here{}.before_sending();
    return loop.post([&] { done.set_value(); });
  }));
  CAF_CHECK(result.wait_for(forever) == std::future_status::ready);
}
