// How a pool ends: closed at once, or drained first.
#define CAF_SUITE pool_closing

#include "machines/pool_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

settings checking() {
  auto s = plain_settings();
  s.check_after_idle = 500ms;
  return s;
}

} // namespace

// -- connections ----------------------------------------------------------------------------------

CAF_TEST(promise_bounds_what_is_being_closed_keeps_its_place_until_it_is_gone) {
  auto pool = pool_rig::ready_with(2);
  pool.close_slowly();
  const auto first = pool.check_out();
  pool.check_out();
  const auto third = pool.check_out();
  pool.orders();
  pool.check_in(pool.lease(first), broken_socket());
  CAF_CHECK_EQUAL(pool.orders(), "close 2");
  CAF_CHECK_EQUAL(pool.stats().closing, 1u);
  CAF_CHECK_EQUAL(pool.stats().total, 1u);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
  pool.closed(2);
  CAF_CHECK_EQUAL(pool.orders(), "open 3");
  CAF_CHECK_EQUAL(pool.stats().closing, 0u);
  pool.closed(2);
  pool.closed(99);
  pool.established(3);
  CAF_CHECK_EQUAL(pool.answer(third), "connection 3");
}

CAF_TEST(what is being closed holds back neither the minimum nor a warm for ever) {
  auto config = plain_settings();
  config.min_pool_size = 2;
  config.max_idle_time = 1s;
  auto pool = pool_rig::ready_with(2, config);
  pool.close_slowly();
  pool.pass(2s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "close 1, close 2");
  const auto warm = pool.warm(2);
  pool.closed(1);
  pool.closed(2);
  CAF_CHECK_EQUAL(pool.orders(), "open 3, open 4");
  pool.established(3);
  pool.established(4);
  CAF_CHECK_EQUAL(pool.answer(warm), "warmed 2");
}

CAF_TEST(no goodbye is said to a server that is in trouble) {
  auto pool = pool_rig::ready_with(2);
  pool.clear(false, server_gone());
  CAF_CHECK_EQUAL(pool.orders(), "seek server, cut 1, cut 2");
  CAF_CHECK_EQUAL(pool.stats().closing, 0u);
}

// -- close ----------------------------------------------------------------------------------------

CAF_TEST(available connections are closed before the pool says it is) {
  auto pool = pool_rig::ready_with(2);
  pool.close();
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 poolClosed, Closed 2 poolClosed, PoolClosed");
  CAF_CHECK_EQUAL(pool.orders(), "close 1, close 2");
  CAF_CHECK(pool.stats().phase == pool_phase::closed);
}

CAF_TEST(closing abandons dials and refuses who waits) {
  pool_rig pool;
  pool.ready();
  const auto request = pool.check_out();
  const auto warm = pool.warm(2);
  pool.events();
  pool.orders();
  pool.close();
  CAF_CHECK_EQUAL(
    pool.events(),
    "Closed 1 poolClosed, Closed 2 poolClosed, PoolClosed, CheckOutFailed poolClosed");
  CAF_CHECK_EQUAL(pool.orders(), "abandon 1, abandon 2");
  CAF_CHECK_EQUAL(pool.answer(request), "pool_closed");
  CAF_CHECK_EQUAL(pool.answer(warm), "pool_closed");
  CAF_CHECK(!is_retryable(errc::pool_closed));
}

CAF_TEST(what is lent stays usable and is closed when it comes back) {
  auto pool = pool_rig::ready_with(1);
  const auto lease = pool.lease(pool.check_out());
  pool.events();
  pool.close();
  CAF_CHECK_EQUAL(pool.events(), "PoolClosed");
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.stats().out, 1u);
  CAF_CHECK(pool.check_in(lease));
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1, Closed 1 poolClosed");
  CAF_CHECK_EQUAL(pool.orders(), "close 1");
  CAF_CHECK_EQUAL(pool.stats().total, 0u);
}

CAF_TEST(a closed pool refuses everything and comes back from nothing) {
  auto config = plain_settings();
  config.min_pool_size = 1;
  auto pool = pool_rig::ready_with(1, config);
  pool.close();
  pool.events();
  pool.orders();
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "pool_closed");
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, CheckOutFailed poolClosed");
  CAF_CHECK_EQUAL(pool.answer(pool.warm(1)), "pool_closed");
  pool.ready();
  pool.clear(true);
  pool.close();
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "");
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.stats().generation, 0u);
}

CAF_TEST(an error met after the pool closed does not clear it) {
  auto pool = pool_rig::ready_with(1);
  const auto lease = pool.lease(pool.check_out());
  pool.close();
  pool.events();
  pool.orders();
  pool.check_in(lease, server_gone());
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1, Closed 1 error");
  CAF_CHECK_EQUAL(pool.orders(), "close 1");
}

CAF_TEST(a ping in flight when the pool closes ends in closing) {
  auto pool = pool_rig::ready_with(1, checking());
  pool.pass(1s);
  pool.check_out();
  pool.close();
  pool.events();
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 poolClosed");
  CAF_CHECK_EQUAL(pool.stats().total, 0u);
}

CAF_TEST(a paused pool can be closed) {
  pool_rig pool;
  pool.events();
  pool.close();
  CAF_CHECK_EQUAL(pool.events(), "PoolClosed");
}

// -- drain ----------------------------------------------------------------------------------------

CAF_TEST(drain waits for what is lent and then closes) {
  auto pool = pool_rig::ready_with(2);
  const auto first = pool.lease(pool.check_out());
  const auto second = pool.lease(pool.check_out());
  pool.events();
  const auto drain = pool.drain(10s);
  CAF_CHECK(pool.stats().phase == pool_phase::draining);
  pool.check_in(first);
  CAF_CHECK_EQUAL(pool.answer(drain), "waiting");
  pool.check_in(second);
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 2, cut off 0");
  CAF_CHECK_EQUAL(pool.events(),
                  "CheckedIn 2, CheckedIn 1, Closed 2 poolClosed, Closed 1 poolClosed, PoolClosed");
  CAF_CHECK(pool.stats().phase == pool_phase::closed);
  CAF_CHECK(!pool.has_deadline());
}

CAF_TEST(drain of an idle pool closes it at once) {
  auto pool = pool_rig::ready_with(1);
  CAF_CHECK_EQUAL(pool.answer(pool.drain(10s)), "drained 0, cut off 0");
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 poolClosed, PoolClosed");
  CAF_CHECK_EQUAL(pool.answer(pool.drain(10s)), "drained 0, cut off 0");
  CAF_CHECK_EQUAL(pool.events(), "");
}

CAF_TEST(a draining pool grants nothing and dials nothing) {
  auto config = plain_settings();
  config.max_pool_size = 3;
  auto pool = pool_rig::ready_with(2, config);
  const auto lease = pool.lease(pool.check_out());
  const auto drain = pool.drain(10s);
  pool.events();
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(request), "draining");
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, CheckOutFailed poolClosed");
  CAF_CHECK_EQUAL(pool.answer(pool.warm(3)), "draining");
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.answer(drain), "waiting");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 1, cut off 0");
}

CAF_TEST(drain refuses who waits) {
  auto pool = pool_rig::ready_with(2);
  pool.check_out();
  pool.check_out();
  const auto request = pool.check_out();
  pool.drain(10s);
  CAF_CHECK_EQUAL(pool.answer(request), "draining");
}

CAF_TEST(the deadline of a drain cuts off what is still lent) {
  auto pool = pool_rig::ready_with(2);
  const auto first = pool.lease(pool.check_out());
  const auto second = pool.lease(pool.check_out());
  const auto drain = pool.drain(10ms);
  pool.check_in(first);
  pool.events();
  pool.orders();
  pool.pass(10ms - 1ns);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(drain), "waiting");
  pool.pass(1ns);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 1, cut off 1");
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 poolClosed, Closed 2 poolClosed, PoolClosed");
  CAF_CHECK_EQUAL(pool.orders(), "cut 1, close 2");
  CAF_CHECK_EQUAL(pool.stats().revoked, 1u);
  CAF_CHECK(!pool.check_in(second));
}

CAF_TEST(a drain without patience cuts off at once) {
  auto pool = pool_rig::ready_with(1);
  pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(pool.drain(0s)), "drained 0, cut off 1");
  CAF_CHECK_EQUAL(pool.stats().total, 0u);
}

CAF_TEST(the shortest of several drains rules and each counts from its own start) {
  auto pool = pool_rig::ready_with(2);
  const auto first = pool.lease(pool.check_out());
  pool.check_out();
  const auto patient = pool.drain(10s);
  pool.check_in(first);
  const auto hasty = pool.drain(10ms);
  pool.pass(10ms);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(patient), "drained 1, cut off 1");
  CAF_CHECK_EQUAL(pool.answer(hasty), "drained 0, cut off 1");
}

CAF_TEST(leases that end otherwise during a drain count as cut off) {
  auto pool = pool_rig::ready_with(2);
  pool.check_out();
  pool.check_out();
  const auto drain = pool.drain(10s);
  pool.lost(1);
  CAF_CHECK_EQUAL(pool.answer(drain), "waiting");
  pool.clear(true);
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 0, cut off 2");
  CAF_CHECK(pool.stats().phase == pool_phase::closed);
}

CAF_TEST(the death of the last lent connection ends a drain) {
  auto pool = pool_rig::ready_with(1);
  pool.check_out();
  const auto drain = pool.drain(10s);
  pool.lost(1);
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 0, cut off 1");
}

CAF_TEST(the last lease of a drain is back before the pool is closed) {
  auto pool = pool_rig::ready_with(1);
  const auto lease = pool.lease(pool.check_out());
  const auto drain = pool.drain(10s);
  pool.events();
  pool.check_in(lease, server_gone());
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, CheckedIn 1, Closed 1 error, PoolClosed");
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 1, cut off 0");
}

CAF_TEST(closing while draining leaves the drain to end as it would) {
  auto pool = pool_rig::ready_with(2);
  const auto first = pool.lease(pool.check_out());
  pool.check_out();
  const auto drain = pool.drain(10ms);
  pool.close();
  CAF_CHECK_EQUAL(pool.answer(drain), "waiting");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "pool_closed");
  pool.check_in(first);
  pool.pass(10ms);
  pool.events();
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 1, cut off 1");
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 poolClosed");
}

CAF_TEST(draining a closed pool waits for what it had lent) {
  auto pool = pool_rig::ready_with(1);
  const auto lease = pool.lease(pool.check_out());
  pool.close();
  const auto drain = pool.drain(10s);
  CAF_CHECK_EQUAL(pool.answer(drain), "waiting");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 1, cut off 0");
}

CAF_TEST(a lease that comes back at the deadline of the drain comes too late) {
  auto pool = pool_rig::ready_with(1);
  const auto lease = pool.lease(pool.check_out());
  const auto drain = pool.drain(10ms);
  pool.pass(10ms);
  CAF_CHECK(!pool.check_in(lease));
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 0, cut off 1");
}

CAF_TEST(a server found again while draining serves nobody) {
  auto pool = pool_rig::ready_with(2);
  const auto lease = pool.lease(pool.check_out());
  const auto drain = pool.drain(10s);
  pool.clear();
  pool.ready();
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "draining");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(drain), "drained 1, cut off 0");
  CAF_CHECK_EQUAL(pool.stats().total, 0u);
}

CAF_TEST(promise_bounds_no_more_drains_than_the_queue_allows) {
  auto config = plain_settings();
  config.wait_queue_limit = 2;
  auto pool = pool_rig::ready_with(1, config);
  const auto lease = pool.lease(pool.check_out());
  pool.drain(10s);
  const auto second = pool.drain(10s);
  CAF_CHECK_EQUAL(pool.answer(pool.drain(10s)), "queue_full");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(second), "drained 1, cut off 0");
}
