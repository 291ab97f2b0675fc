// Who gets which connection, in which order, by when, and within which bounds.
#define CAF_SUITE pool_serving

#include "machines/pool_rig.hpp"

#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

CAF_TEST(a connection is created and established and lent) {
  pool_rig pool;
  pool.ready();
  pool.events();
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, Created 1");
  CAF_CHECK_EQUAL(pool.orders(), "open 1");
  pool.established(1);
  CAF_CHECK_EQUAL(pool.events(), "Ready 1, CheckedOut 1");
  CAF_CHECK_EQUAL(pool.answer(request), "connection 1");
  CAF_CHECK(pool.check_in(pool.lease(request)));
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1");
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
}

CAF_TEST(an available connection is lent at once) {
  auto pool = pool_rig::ready_with(1);
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, CheckedOut 1");
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.answer(request), "connection 1");
}

CAF_TEST(the connection used last is lent first) {
  auto pool = pool_rig::ready_with(2);
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  pool.check_in(pool.lease(first));
  pool.check_in(pool.lease(second));
  const auto third = pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(third), pool.answer(second));
}

// -- order ----------------------------------------------------------------------------------------

CAF_TEST(promise_order_equal_requests_served_in_order_of_arrival) {
  auto pool = pool_rig::ready_with(1, at_most(1, 1));
  auto lease = pool.lease(pool.check_out());
  std::vector<request_id> waiting;
  for (int i = 0; i < 5; ++i)
    waiting.push_back(pool.check_out());
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    for (std::size_t k = i; k < waiting.size(); ++k)
      CAF_CHECK_EQUAL(pool.answer(waiting[k]), "waiting");
    pool.check_in(lease);
    lease = pool.lease(waiting[i]);
    CAF_CHECK_NOT_EQUAL(lease, 0u);
  }
}

CAF_TEST(promise_order_priorities_come_before_arrival) {
  auto pool = pool_rig::ready_with(1, at_most(1, 1));
  auto lease = pool.lease(pool.check_out());
  const auto background = pool.check_out(1s, priority::background);
  const auto normal = pool.check_out(1s, priority::normal);
  const auto critical = pool.check_out(1s, priority::critical);
  const auto critical_too = pool.check_out(1s, priority::critical);
  for (const auto request : {critical, critical_too, normal, background}) {
    pool.check_in(lease);
    lease = pool.lease(request);
    CAF_CHECK_NOT_EQUAL(lease, 0u);
  }
}

CAF_TEST(promise_order_a_newcomer_does_not_overtake) {
  auto pool = pool_rig::ready_with(1, at_most(2, 1));
  const auto lease = pool.lease(pool.check_out());
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(first), "connection 1");
  CAF_CHECK_EQUAL(pool.answer(second), "waiting");
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(second), "connection 2");
}

CAF_TEST(a returned connection goes to the head while others are being established) {
  auto pool = pool_rig::ready_with(1, at_most(3, 2));
  const auto lease = pool.lease(pool.check_out());
  const auto head = pool.check_out();
  const auto next = pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "open 2, open 3");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(head), "connection 1");
  CAF_CHECK_EQUAL(pool.answer(next), "waiting");
  CAF_CHECK_EQUAL(pool.stats().pending, 2u);
  // What was dialled for the head serves the next.
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(next), "connection 2");
  pool.established(3);
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
}

// -- one holder, one answer -----------------------------------------------------------------------

CAF_TEST(promise_one_holder_a_lent_connection_is_not_lent_again) {
  auto pool = pool_rig::ready_with(2);
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  const auto third = pool.check_out();
  CAF_CHECK_NOT_EQUAL(pool.answer(first), pool.answer(second));
  CAF_CHECK_EQUAL(pool.answer(third), "waiting");
}

CAF_TEST(promise_one_holder_a_second_report_of_a_lent_connection_is_ignored) {
  auto pool = pool_rig::ready_with(1);
  pool.check_out();
  pool.events();
  pool.established(1);
  pool.establishing_failed(1);
  pool.check_passed(1);
  pool.check_failed(1);
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.events(), "");
  CAF_CHECK_EQUAL(pool.stats().in_use, 1u);
}

CAF_TEST(promise_one_holder_a_lease_checked_in_twice_returns_once) {
  auto pool = pool_rig::ready_with(1);
  const auto lease = pool.lease(pool.check_out());
  CAF_CHECK(pool.check_in(lease));
  const auto next = pool.check_out();
  pool.events();
  CAF_CHECK(!pool.check_in(lease));
  CAF_CHECK(!pool.check_in(lease, server_gone()));
  CAF_CHECK(!pool.check_in(4711));
  CAF_CHECK_EQUAL(pool.events(), "");
  CAF_CHECK_EQUAL(pool.answer(next), "connection 1");
  CAF_CHECK_EQUAL(pool.stats().returned, 1u);
}

CAF_TEST(promise_one_answer_a_request_times_out_at_its_deadline_and_not_before) {
  pool_rig pool;
  pool.ready();
  const auto request = pool.check_out(10ms);
  pool.events();
  CAF_CHECK_EQUAL(pool.until_next_deadline().count(), duration{10ms}.count());
  pool.pass(10ms - 1ns);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(request), "waiting");
  pool.pass(1ns);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(request), "wait_queue_timeout");
  CAF_CHECK_EQUAL(pool.events(), "CheckOutFailed timeout");
  CAF_CHECK_EQUAL(pool.stats().timed_out, 1u);
  CAF_CHECK(!pool.has_deadline());
}

CAF_TEST(promise_one_answer_nothing_is_granted_at_or_after_the_deadline) {
  pool_rig pool;
  pool.ready();
  const auto request = pool.check_out(10ms);
  pool.pass(10ms);
  pool.established(1);
  CAF_CHECK_EQUAL(pool.answer(request), "wait_queue_timeout");
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
  CAF_CHECK_EQUAL(pool.stats().granted, 0u);
}

CAF_TEST(promise_one_answer_a_returned_connection_passes_over_who_is_late) {
  auto pool = pool_rig::ready_with(1, at_most(1, 1));
  const auto lease = pool.lease(pool.check_out());
  const auto late = pool.check_out(10ms);
  const auto patient = pool.check_out(20ms);
  pool.pass(15ms);
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(late), "wait_queue_timeout");
  CAF_CHECK_EQUAL(pool.answer(patient), "connection 1");
}

CAF_TEST(promise_one_answer_a_request_that_comes_too_late_is_refused_undialled) {
  pool_rig pool;
  pool.ready();
  pool.events();
  CAF_CHECK_EQUAL(pool.answer(pool.check_out(0ms)), "wait_queue_timeout");
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, CheckOutFailed timeout");
  CAF_CHECK_EQUAL(pool.orders(), "");
}

CAF_TEST(the next deadline is the earliest of all that wait) {
  pool_rig pool;
  pool.ready();
  CAF_CHECK(!pool.has_deadline());
  pool.check_out(30ms);
  pool.warm(2, 20ms);
  CAF_CHECK_EQUAL(pool.until_next_deadline().count(), duration{20ms}.count());
  pool.check_out(10ms);
  CAF_CHECK_EQUAL(pool.until_next_deadline().count(), duration{10ms}.count());
}

// -- bounds ---------------------------------------------------------------------------------------

CAF_TEST(promise_bounds_never_more_connections_than_the_maximum) {
  pool_rig pool{at_most(3, 3)};
  pool.ready();
  for (int i = 0; i < 8; ++i)
    pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "open 1, open 2, open 3");
  pool.established(1);
  pool.established(2);
  pool.established(3);
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.stats().total, 3u);
  CAF_CHECK_EQUAL(pool.stats().waiting, 5u);
}

CAF_TEST(promise_bounds_demand_and_background_share_max_connecting) {
  auto config = at_most(10, 2);
  config.min_pool_size = 1;
  pool_rig pool{config};
  pool.ready();
  pool.check_out();
  pool.check_out();
  pool.check_out();
  pool.warm(10);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "open 1, open 2");
  pool.established(1);
  CAF_CHECK_EQUAL(pool.orders(), "open 3");
  CAF_CHECK_EQUAL(pool.stats().pending, 2u);
}

CAF_TEST(no more dials than requests that wait) {
  pool_rig pool{at_most(10, 5)};
  pool.ready();
  pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "open 1");
  pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "open 2");
}

CAF_TEST(promise_bounds_the_wait_queue_refuses_beyond_its_limit) {
  auto config = at_most(1, 1);
  config.wait_queue_limit = 2;
  auto pool = pool_rig::ready_with(1, config);
  const auto lease = pool.lease(pool.check_out());
  const auto first = pool.check_out();
  pool.check_out();
  pool.events();
  const auto refused = pool.check_out(1s, priority::critical);
  CAF_CHECK_EQUAL(pool.answer(refused), "queue_full");
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, CheckOutFailed queueFull");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.answer(first), "connection 1");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "waiting");
}

// -- figures --------------------------------------------------------------------------------------

CAF_TEST(promise_nothing_lost_granted_is_returned_and_revoked_and_out) {
  auto pool = pool_rig::ready_with(4, at_most(4, 4));
  const auto returned = pool.check_out();
  const auto spoilt = pool.check_out();
  const auto lost = pool.check_out();
  pool.check_out();
  pool.check_in(pool.lease(returned));
  pool.check_in(pool.lease(spoilt), broken_socket());
  CAF_CHECK_EQUAL(pool.answer(lost), "connection 2");
  pool.lost(2);
  const auto s = pool.stats();
  CAF_CHECK_EQUAL(s.granted, 4u);
  CAF_CHECK_EQUAL(s.returned, 2u);
  CAF_CHECK_EQUAL(s.revoked, 1u);
  CAF_CHECK_EQUAL(s.out, 1u);
  CAF_CHECK_EQUAL(s.in_use, 1u);
  CAF_CHECK_EQUAL(s.available, 1u);
  CAF_CHECK_EQUAL(s.total, 2u);
  CAF_CHECK_EQUAL(s.errors, 2u);
}

CAF_TEST(events carry how long it took and since when) {
  pool_rig pool;
  pool.pass(1ms);
  pool.ready();
  const auto granted = pool.check_out();
  pool.pass(3ms);
  pool.established(1);
  CAF_CHECK_EQUAL(pool.last(event_type::connection_ready).took.count(), duration{3ms}.count());
  const auto& out = pool.last(event_type::checked_out);
  CAF_CHECK_EQUAL(out.took.count(), duration{3ms}.count());
  CAF_CHECK_EQUAL(out.at.count(), duration{4ms}.count());
  CAF_CHECK_EQUAL(out.request, granted);
  CAF_CHECK_EQUAL(out.lease, pool.lease(granted));
  pool.check_out(5ms);
  pool.pass(5ms);
  pool.expire();
  CAF_CHECK_EQUAL(pool.last(event_type::check_out_failed).took.count(), duration{5ms}.count());
}
