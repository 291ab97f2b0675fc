// Aging, checks before use, keepalive and the minimum: what the pool does by itself.
#define CAF_SUITE pool_upkeep

#include "machines/pool_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

settings idling(duration longest) {
  auto s = plain_settings();
  s.max_pool_size = 4;
  s.max_idle_time = longest;
  return s;
}

settings checking(std::size_t size) {
  auto s = plain_settings();
  s.max_pool_size = size;
  s.check_after_idle = 500ms;
  return s;
}

settings keeping_alive(std::size_t size) {
  auto s = checking(size);
  s.keepalive = 60s;
  return s;
}

} // namespace

// -- aging ----------------------------------------------------------------------------------------

CAF_TEST(idle connections are closed by the background run) {
  auto pool = pool_rig::ready_with(2, idling(10s));
  pool.pass(10s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "");
  pool.pass(1ns);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 idle, Closed 2 idle");
  CAF_CHECK_EQUAL(pool.orders(), "close 1, close 2");
}

CAF_TEST(idle connections met on check out are closed and the next is taken) {
  auto pool = pool_rig::ready_with(2, idling(10s));
  pool.pass(11s);
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, Closed 2 idle, Closed 1 idle, Created 3");
  pool.established(3);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 3");
}

CAF_TEST(use ends idleness) {
  auto pool = pool_rig::ready_with(1, idling(10s));
  pool.pass(9s);
  const auto lease = pool.lease(pool.check_out());
  pool.pass(9s);
  pool.check_in(lease);
  pool.pass(9s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
}

CAF_TEST(old connections are closed by the background run) {
  auto config = plain_settings();
  config.max_lifetime = 100s;
  config.max_lifetime_jitter = 0.5;
  pool_rig pool{config};
  pool.ready();
  pool.warm(2);
  pool.established(1, 0);
  pool.established(2, 0.5);
  pool.events();
  pool.pass(75s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "Closed 2 lifetime");
  pool.pass(25s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 lifetime");
}

CAF_TEST(old connections are closed on check out and on check in) {
  auto config = plain_settings();
  config.max_lifetime = 100s;
  auto pool = pool_rig::ready_with(2, config);
  const auto lease = pool.lease(pool.check_out());
  pool.events();
  pool.pass(100s);
  pool.check_out();
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, Closed 1 lifetime, Created 3");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 2, Closed 2 lifetime");
}

// -- the minimum ----------------------------------------------------------------------------------

CAF_TEST(the minimum is populated within max connecting) {
  auto config = plain_settings();
  config.max_pool_size = 4;
  config.min_pool_size = 3;
  pool_rig pool{config};
  pool.ready();
  CAF_CHECK_EQUAL(pool.orders(), "open 1, open 2");
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
  pool.established(1);
  CAF_CHECK_EQUAL(pool.orders(), "open 3");
  pool.established(2);
  pool.established(3);
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.stats().available, 3u);
}

CAF_TEST(the minimum counts what is lent) {
  auto config = plain_settings();
  config.min_pool_size = 1;
  auto pool = pool_rig::ready_with(1, config);
  pool.check_out();
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
}

CAF_TEST(what perished is replaced up to the minimum) {
  auto config = idling(10s);
  config.min_pool_size = 1;
  auto pool = pool_rig::ready_with(2, config);
  pool.pass(11s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 idle, Closed 2 idle, Created 3");
}

// -- checked before use ---------------------------------------------------------------------------

CAF_TEST(promise_tested_a_connection_idle_for_long_is_pinged_before_it_is_lent) {
  auto pool = pool_rig::ready_with(1, checking(1));
  pool.pass(500ms);
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "connection 1");
  pool.check_in(1);
  pool.pass(500ms + 1ns);
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(request), "waiting");
  CAF_CHECK_EQUAL(pool.orders(), "ping 1");
  CAF_CHECK_EQUAL(pool.stats().checking, 1u);
  CAF_CHECK_EQUAL(pool.stats().total, 1u);
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 1");
}

CAF_TEST(a failing ping closes that connection alone and the next is tried) {
  auto pool = pool_rig::ready_with(3, checking(3));
  pool.pass(1s);
  const auto request = pool.check_out();
  pool.events();
  CAF_CHECK_EQUAL(pool.orders(), "ping 3");
  pool.check_failed(3);
  CAF_CHECK_EQUAL(pool.events(), "Closed 3 error");
  CAF_CHECK_EQUAL(pool.orders(), "cut 3, ping 2");
  pool.check_failed(2);
  CAF_CHECK_EQUAL(pool.orders(), "cut 2, ping 1");
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 1");
  CAF_CHECK_EQUAL(pool.stats().errors, 2u);
  CAF_CHECK_EQUAL(pool.stats().revoked, 0u);
}

CAF_TEST(when every ping failed a new connection is established) {
  auto pool = pool_rig::ready_with(1, checking(1));
  pool.pass(1s);
  const auto request = pool.check_out();
  pool.check_failed(1);
  CAF_CHECK_EQUAL(pool.orders(), "ping 1, cut 1, open 2");
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 2");
}

CAF_TEST(never more pings than requests that wait) {
  auto pool = pool_rig::ready_with(3, checking(3));
  pool.pass(1s);
  pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "ping 3");
  pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "ping 2");
  CAF_CHECK_EQUAL(pool.stats().checking, 2u);
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
}

CAF_TEST(promise_order_a_passed_ping_serves_the_head_and_not_its_cause) {
  auto pool = pool_rig::ready_with(2, checking(2));
  pool.pass(1s);
  const auto normal = pool.check_out();
  const auto critical = pool.check_out(1s, priority::critical);
  pool.check_passed(2);
  CAF_CHECK_EQUAL(pool.answer(critical), "connection 2");
  CAF_CHECK_EQUAL(pool.answer(normal), "waiting");
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.answer(normal), "connection 1");
}

CAF_TEST(a ping that passes after its request timed out leaves the connection available) {
  auto pool = pool_rig::ready_with(1, checking(1));
  pool.pass(1s);
  const auto request = pool.check_out(10ms);
  pool.pass(10ms);
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.answer(request), "wait_queue_timeout");
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
}

// -- keepalive ------------------------------------------------------------------------------------

CAF_TEST(idle connections are pinged when keepalive is due) {
  auto pool = pool_rig::ready_with(2, keeping_alive(2));
  pool.pass(60s - 1ns);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
  pool.pass(1ns);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "ping 1, ping 2");
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
  pool.check_passed(1);
  pool.check_passed(2);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.stats().available, 2u);
}

CAF_TEST(keepalive does not end idleness) {
  auto config = keeping_alive(1);
  config.max_idle_time = 90s;
  auto pool = pool_rig::ready_with(1, config);
  pool.pass(60s);
  pool.run_background();
  pool.check_passed(1);
  pool.pass(31s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 idle");
}

CAF_TEST(promise_one_holder_a_lent_connection_is_not_kept_alive) {
  auto pool = pool_rig::ready_with(1, keeping_alive(1));
  pool.check_out();
  pool.pass(120s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
}

CAF_TEST(a keepalive ping that fails closes its connection) {
  auto pool = pool_rig::ready_with(2, keeping_alive(2));
  pool.pass(60s);
  pool.run_background();
  pool.check_failed(1);
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 error");
  CAF_CHECK_EQUAL(pool.stats().checking, 1u);
}

CAF_TEST(keepalive pings keep nobody from a connection that is fresh) {
  auto pool = pool_rig::ready_with(2, keeping_alive(2));
  const auto lease = pool.lease(pool.check_out());
  pool.pass(60s);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "ping 1");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "connection 2");
}

CAF_TEST(keepalive pings serve who waits) {
  auto pool = pool_rig::ready_with(1, keeping_alive(1));
  pool.pass(60s);
  pool.run_background();
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "ping 1");
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 1");
}
