// The queue that goes from a handler that died to the next.
#define CAF_SUITE succession

#include "moor/machines/succession.hpp"

#include <memory>

#include <caf/test/unit_test.hpp>

using moor::machines::succession;

namespace {

using queue = succession<std::unique_ptr<int>>;

queue of(int n) {
  queue q;
  for (int i = 1; i <= n; ++i)
    q.push(std::make_unique<int>(i));
  return q;
}

constexpr auto always = [](const auto&, int) { return true; };
constexpr auto twice = [](const auto&, int tries) { return tries < 2; };

} // namespace

CAF_TEST(things come in order and one stays in hand until it is done) {
  auto q = of(2);
  CAF_REQUIRE(q.take() != nullptr);
  CAF_CHECK_EQUAL(**q.take(), 1);
  CAF_CHECK_EQUAL(**q.take(), 1);
  CAF_CHECK_EQUAL(q.size(), 2u);
  q.done();
  CAF_CHECK_EQUAL(**q.take(), 2);
  q.done();
  CAF_CHECK(q.take() == nullptr);
  CAF_CHECK_EQUAL(q.size(), 0u);
}

CAF_TEST(a successor meets first what was in hand and then the rest) {
  auto q = of(2);
  q.take();
  CAF_CHECK(!q.hand_over(always));
  q.push(std::make_unique<int>(3));
  for (const int expected : {1, 2, 3}) {
    CAF_CHECK_EQUAL(**q.take(), expected);
    q.done();
  }
}

CAF_TEST(what is not to be handled again is given out) {
  auto q = of(2);
  q.take();
  CAF_CHECK(!q.hand_over(twice));
  q.take();
  const auto given_up = q.hand_over(twice);
  CAF_REQUIRE(given_up);
  CAF_CHECK_EQUAL(**given_up, 1);
  CAF_CHECK_EQUAL(**q.take(), 2);
  CAF_CHECK(!q.hand_over(twice)); // deaths are counted for each thing anew
}

CAF_TEST(handlers that die before they take anything do not count) {
  auto q = of(1);
  q.take();
  CAF_CHECK(!q.hand_over(twice));
  CAF_CHECK(!q.hand_over(twice));
  CAF_CHECK_EQUAL(**q.take(), 1);
  CAF_CHECK(q.hand_over(twice));
}

CAF_TEST(a successor of one who had nothing in hand) {
  auto q = of(1);
  CAF_CHECK(!q.hand_over(twice));
  CAF_CHECK(!q.hand_over(twice));
  CAF_CHECK_EQUAL(**q.take(), 1);
}

CAF_TEST(the end takes everything in order) {
  auto q = of(3);
  q.take();
  const auto left = q.end();
  CAF_REQUIRE(left.size() == 3);
  CAF_CHECK_EQUAL(*left[0], 1);
  CAF_CHECK_EQUAL(*left[2], 3);
  CAF_CHECK_EQUAL(q.size(), 0u);
}
