// What a failure of a connection, of the server or of another actor does to the pool.
#define CAF_SUITE pool_failures

#include "machines/pool_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

settings keeping(std::size_t min_size) {
  auto s = at_most(4, 2);
  s.min_pool_size = min_size;
  return s;
}

} // namespace

// -- establishing ---------------------------------------------------------------------------------

CAF_TEST(a failed dial fails the request it was made for and no other) {
  pool_rig pool;
  pool.ready();
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  const auto third = pool.check_out();
  pool.events();
  pool.orders();
  pool.establishing_failed(1);
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 error, CheckOutFailed connectionError, Created 3");
  CAF_CHECK_EQUAL(pool.orders(), "open 3");
  CAF_CHECK_EQUAL(pool.answer(first), "connect_failed");
  CAF_CHECK_EQUAL(pool.why(first), "connection reset");
  CAF_CHECK_EQUAL(pool.answer(second), "waiting");
  CAF_CHECK_EQUAL(pool.answer(third), "waiting");
  // The third got a dial of its own.
  pool.establishing_failed(3);
  CAF_CHECK_EQUAL(pool.answer(third), "connect_failed");
  CAF_CHECK_EQUAL(pool.answer(second), "waiting");
}

CAF_TEST(a failed dial does not fail who was served otherwise) {
  auto pool = pool_rig::ready_with(1);
  const auto lease = pool.lease(pool.check_out());
  const auto request = pool.check_out();
  pool.check_in(lease);
  pool.establishing_failed(2);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 1");
}

CAF_TEST(a request whose dial served another is dialled for again) {
  pool_rig pool;
  pool.ready();
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(first), "connection 2");
  pool.orders();
  pool.establishing_failed(1);
  CAF_CHECK_EQUAL(pool.answer(second), "waiting");
  CAF_CHECK_EQUAL(pool.orders(), "open 3");
  pool.establishing_failed(3);
  CAF_CHECK_EQUAL(pool.answer(second), "connect_failed");
}

CAF_TEST(a dial that spoils the generation clears the pool before it is closed) {
  pool_rig pool;
  pool.ready();
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  pool.events();
  pool.orders();
  pool.establishing_failed(1, server_gone());
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, CheckOutFailed connectionError, Closed 1 error, "
                                 "CheckOutFailed connectionError");
  CAF_CHECK_EQUAL(pool.last(event_type::check_out_failed).request, first);
  CAF_CHECK_EQUAL(pool.answer(first), "connection_lost");
  CAF_CHECK_EQUAL(pool.answer(second), "pool_cleared");
  CAF_CHECK_EQUAL(pool.orders(), "seek server");
  CAF_CHECK_EQUAL(pool.stats().pending, 1u);
}

CAF_TEST(population after a failure waits for the background run) {
  pool_rig pool{keeping(1)};
  pool.ready();
  pool.orders();
  pool.establishing_failed(1);
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK(pool.stats().phase == pool_phase::ready);
  pool.pass(1ms);
  pool.expire();
  CAF_CHECK_EQUAL(pool.orders(), "");
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "open 2");
}

CAF_TEST(traffic does not hasten population after a failure) {
  auto pool = pool_rig::ready_with(1, keeping(2));
  pool.establishing_failed(2);
  for (int i = 0; i < 3; ++i)
    pool.check_in(pool.lease(pool.check_out()));
  CAF_CHECK_EQUAL(pool.orders(), "");
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "open 3");
}

CAF_TEST(a success ends the rest of population) {
  pool_rig pool{keeping(3)};
  pool.ready();
  pool.orders();
  pool.establishing_failed(1);
  pool.established(2);
  CAF_CHECK_EQUAL(pool.orders(), "open 3, open 4");
}

CAF_TEST(a failed population spoiling the generation clears the pool) {
  pool_rig pool{keeping(1)};
  pool.ready();
  pool.events();
  pool.establishing_failed(1, server_gone());
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, Closed 1 error");
}

CAF_TEST(reports about unknown connections are ignored) {
  auto pool = pool_rig::ready_with(1);
  pool.establishing_failed(99, server_gone());
  pool.check_passed(99);
  pool.check_failed(99);
  pool.lost(99);
  CAF_CHECK_EQUAL(pool.events(), "");
  CAF_CHECK_EQUAL(pool.orders(), "");
  // Nobody else would close this one.
  pool.established(99);
  CAF_CHECK_EQUAL(pool.events(), "");
  CAF_CHECK_EQUAL(pool.orders(), "cut 99");
  CAF_CHECK_EQUAL(pool.stats().total, 1u);
}

// -- in use ---------------------------------------------------------------------------------------

CAF_TEST(an error of the operation alone leaves the connection as good as before) {
  auto pool = pool_rig::ready_with(1);
  const auto request = pool.check_out();
  pool.events();
  pool.check_in(pool.lease(request), duplicate_key());
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1");
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
  CAF_CHECK_EQUAL(pool.stats().errors, 0u);
}

CAF_TEST(a spoilt connection is closed when it comes back and replaced) {
  auto pool = pool_rig::ready_with(1, at_most(1, 1));
  const auto lease = pool.lease(pool.check_out());
  const auto next = pool.check_out();
  pool.events();
  pool.check_in(lease, broken_socket());
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1, Closed 1 error, Created 2");
  CAF_CHECK_EQUAL(pool.orders(), "close 1, open 2");
  CAF_CHECK_EQUAL(pool.answer(next), "waiting");
  CAF_CHECK_EQUAL(pool.stats().errors, 1u);
}

CAF_TEST(a spoilt generation clears the pool before the connection is back) {
  auto pool = pool_rig::ready_with(2);
  const auto lease = pool.lease(pool.check_out());
  pool.events();
  pool.check_in(lease, server_gone());
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, Closed 1 stale, CheckedIn 2, Closed 2 error");
  CAF_CHECK(!pool.last(event_type::pool_cleared).interrupt_in_use);
}

CAF_TEST(an error of an earlier generation does not clear the pool again) {
  auto pool = pool_rig::ready_with(2);
  const auto first = pool.lease(pool.check_out());
  const auto second = pool.lease(pool.check_out());
  pool.check_in(first, server_gone());
  pool.ready();
  pool.events();
  pool.check_in(second, server_gone());
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1, Closed 1 error");
  CAF_CHECK_EQUAL(pool.stats().generation, 1u);
  CAF_CHECK(pool.stats().phase == pool_phase::ready);
}

// -- deaths ---------------------------------------------------------------------------------------

CAF_TEST(promise_nothing_lost_a_lent_connection_that_dies_revokes_its_lease) {
  auto pool = pool_rig::ready_with(1, at_most(1, 1));
  const auto lease = pool.lease(pool.check_out());
  const auto next = pool.check_out();
  pool.events();
  pool.lost(1);
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 error, Created 2");
  CAF_CHECK_EQUAL(pool.orders(), "cut 1, open 2");
  CAF_CHECK_EQUAL(pool.stats().revoked, 1u);
  CAF_CHECK(!pool.check_in(lease));
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(next), "connection 2");
}

CAF_TEST(an idle connection that dies is closed) {
  auto pool = pool_rig::ready_with(2);
  pool.lost(2);
  CAF_CHECK_EQUAL(pool.events(), "Closed 2 error");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "connection 1");
}

CAF_TEST(a connection that dies while pinged is replaced by the next) {
  auto config = plain_settings();
  config.check_after_idle = 500ms;
  auto pool = pool_rig::ready_with(2, config);
  pool.pass(1s);
  const auto request = pool.check_out();
  pool.lost(2);
  CAF_CHECK_EQUAL(pool.orders(), "ping 2, cut 2, ping 1");
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 1");
}

CAF_TEST(who_is_gone_leaves_the_queue_at_once_and_the_next_is_served) {
  auto pool = pool_rig::ready_with(1, at_most(1, 1));
  const auto holder = pool.check_out();
  const auto gone = pool.check_out();
  const auto next = pool.check_out();
  pool.events();
  pool.withdraw(gone);
  CAF_CHECK_EQUAL(pool.events(), "CheckOutFailed borrowerGone");
  CAF_CHECK_EQUAL(pool.stats().waiting, 1u);
  CAF_CHECK_EQUAL(pool.stats().refused, 1u);
  pool.check_in(pool.lease(holder));
  CAF_CHECK_EQUAL(pool.answer(next), "connection 1");
  pool.events();
  pool.withdraw(next); // granted meanwhile: its lease returns by itself
  CAF_CHECK_EQUAL(pool.events(), "");
}
