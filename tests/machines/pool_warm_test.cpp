// Warming up: connections made before they are needed.
#define CAF_SUITE pool_warm

#include "machines/pool_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

settings at_most(std::size_t size) {
  auto s = plain_settings();
  s.max_pool_size = size;
  return s;
}

} // namespace

CAF_TEST(warm establishes until as many stand) {
  pool_rig pool{at_most(5)};
  pool.ready();
  const auto request = pool.warm(3);
  CAF_CHECK_EQUAL(pool.orders(), "open 1, open 2");
  pool.established(1);
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(request), "waiting");
  pool.established(3);
  CAF_CHECK_EQUAL(pool.answer(request), "warmed 3");
  CAF_CHECK_EQUAL(pool.orders(), "open 3");
  CAF_CHECK(!pool.has_deadline());
}

CAF_TEST(warm is answered at once if enough stand with those in use) {
  auto pool = pool_rig::ready_with(2, at_most(5));
  pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(pool.warm(2)), "warmed 2");
  CAF_CHECK_EQUAL(pool.answer(pool.warm(0)), "warmed 2");
  CAF_CHECK_EQUAL(pool.orders(), "");
}

CAF_TEST(warm beyond the maximum is refused and says what is allowed) {
  pool_rig pool{at_most(5)};
  pool.ready();
  const auto request = pool.warm(6);
  CAF_CHECK_EQUAL(pool.answer(request), "invalid_argument");
  CAF_CHECK_EQUAL(pool.why(request), "warm: count is 6, allowed is 0 to the maximum pool size 5");
  CAF_CHECK_EQUAL(pool.orders(), "");
}

CAF_TEST(warm ends at its deadline and says how far it came) {
  pool_rig pool{at_most(5)};
  pool.ready();
  const auto request = pool.warm(3, 10ms);
  pool.established(1);
  pool.pass(10ms - 1ns);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(request), "waiting");
  pool.pass(1ns);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(request), "wait_queue_timeout");
  CAF_CHECK_EQUAL(pool.why(request), "warm: 1 of 3 connections were established by the deadline");
}

CAF_TEST(warm is not reported at its deadline) {
  pool_rig pool;
  pool.ready();
  const auto request = pool.warm(1, 10ms);
  pool.pass(10ms);
  pool.established(1);
  CAF_CHECK_EQUAL(pool.answer(request), "wait_queue_timeout");
}

CAF_TEST(warm fails with the dial) {
  pool_rig pool;
  pool.ready();
  const auto request = pool.warm(2);
  pool.orders();
  pool.establishing_failed(1);
  CAF_CHECK_EQUAL(pool.answer(request), "connect_failed");
  CAF_CHECK_EQUAL(pool.orders(), "");
}

CAF_TEST(warm again after a failure dials at once) {
  pool_rig pool;
  pool.ready();
  pool.warm(1);
  pool.establishing_failed(1);
  pool.orders();
  const auto request = pool.warm(1);
  CAF_CHECK_EQUAL(pool.orders(), "open 2");
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(request), "warmed 1");
}

CAF_TEST(warm fails when the pool is cleared) {
  pool_rig pool;
  pool.ready();
  const auto request = pool.warm(2);
  pool.clear();
  CAF_CHECK_EQUAL(pool.answer(request), "pool_cleared");
}

CAF_TEST(several warm requests are answered each at its own count) {
  pool_rig pool{at_most(5)};
  pool.ready();
  const auto more = pool.warm(2);
  const auto fewer = pool.warm(1);
  pool.established(1);
  CAF_CHECK_EQUAL(pool.answer(fewer), "warmed 1");
  CAF_CHECK_EQUAL(pool.answer(more), "waiting");
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(more), "warmed 2");
}

CAF_TEST(promise_bounds_no_more_warm_requests_than_the_queue_allows) {
  auto config = at_most(5);
  config.wait_queue_limit = 2;
  pool_rig pool{config};
  pool.ready();
  pool.warm(1);
  const auto second = pool.warm(1);
  CAF_CHECK_EQUAL(pool.answer(pool.warm(1)), "queue_full");
  pool.established(1);
  CAF_CHECK_EQUAL(pool.answer(second), "warmed 1");
}
