// The pool's states and its generations: paused, ready, cleared. (CMAP)
#define CAF_SUITE pool_states

#include "machines/pool_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

settings keeping(std::size_t min_size) {
  auto s = plain_settings();
  s.max_pool_size = 4;
  s.min_pool_size = min_size;
  return s;
}

} // namespace

// -- paused ---------------------------------------------------------------------------------------

CAF_TEST(a new pool is paused and publishes its options) {
  pool_rig pool{keeping(2)};
  CAF_CHECK_EQUAL(pool.events(), "PoolCreated");
  CAF_CHECK(pool.stats().phase == pool_phase::paused);
  CAF_CHECK_EQUAL(pool.stats().generation, 0u);
  const std::vector<std::pair<std::string, std::int64_t>> options
    = pool.last(event_type::pool_created).options;
  CAF_CHECK_EQUAL(options.at(0).first, "maxPoolSize");
  CAF_CHECK_EQUAL(options.at(0).second, 4);
  CAF_CHECK_EQUAL(options.at(1).first, "minPoolSize");
  CAF_CHECK_EQUAL(options.at(1).second, 2);
}

CAF_TEST(a paused pool refuses with an error that invites to try again) {
  pool_rig pool;
  pool.events();
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(request), "pool_cleared");
  CAF_CHECK(is_retryable(errc::pool_cleared));
  CAF_CHECK_EQUAL(pool.why(request),
                  "Connection pool for db.example:27017 is paused: its server was not seen yet");
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, CheckOutFailed connectionError");
  CAF_CHECK_EQUAL(pool.answer(pool.warm(1)), "pool_cleared");
}

CAF_TEST(a paused pool creates nothing in the background) {
  pool_rig pool{keeping(2)};
  pool.run_background();
  CAF_CHECK_EQUAL(pool.orders(), "");
}

// -- ready ----------------------------------------------------------------------------------------

CAF_TEST(ready is published before anything is created) {
  pool_rig pool{keeping(2)};
  pool.events();
  pool.ready();
  CAF_CHECK_EQUAL(pool.events(), "PoolReady, Created 1, Created 2");
  CAF_CHECK_EQUAL(pool.orders(), "open 1, open 2");
  CAF_CHECK(pool.stats().phase == pool_phase::ready);
}

CAF_TEST(ready twice is one event) {
  pool_rig pool;
  pool.ready();
  pool.events();
  pool.ready();
  CAF_CHECK_EQUAL(pool.events(), "");
}

// -- clear ----------------------------------------------------------------------------------------

CAF_TEST(clear raises the generation and pauses and has the server looked for) {
  auto pool = pool_rig::ready_with(2);
  pool.clear();
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, Closed 1 stale, Closed 2 stale");
  CAF_CHECK_EQUAL(pool.orders(), "seek server, close 1, close 2");
  CAF_CHECK(pool.stats().phase == pool_phase::paused);
  CAF_CHECK_EQUAL(pool.stats().generation, 1u);
  CAF_CHECK_EQUAL(pool.last(event_type::pool_cleared).generation, 1u);
}

CAF_TEST(clear of a paused pool is no event) {
  pool_rig pool;
  pool.events();
  pool.clear();
  pool.clear(true);
  CAF_CHECK_EQUAL(pool.events(), "");
  CAF_CHECK_EQUAL(pool.orders(), "");
  CAF_CHECK_EQUAL(pool.stats().generation, 2u);
}

CAF_TEST(clear fails the whole queue at once and after its event) {
  pool_rig pool;
  pool.ready();
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  const auto third = pool.check_out();
  const auto warm = pool.warm(2);
  pool.events();
  pool.clear(false, server_gone());
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, CheckOutFailed connectionError, "
                                 "CheckOutFailed connectionError, CheckOutFailed connectionError");
  for (const auto request : {first, second, third, warm})
    CAF_CHECK_EQUAL(pool.answer(request), "pool_cleared");
  CAF_CHECK_EQUAL(pool.why(first), "Connection pool for db.example:27017 was cleared because "
                                   "another operation failed with: server shut down");
  CAF_CHECK_EQUAL(pool.stats().waiting, 0u);
  CAF_CHECK_EQUAL(pool.stats().refused, 3u);
}

CAF_TEST(clear leaves what is lent and closes it as stale when it comes back) {
  auto pool = pool_rig::ready_with(1);
  const auto request = pool.check_out();
  pool.events();
  pool.clear();
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared");
  CAF_CHECK_EQUAL(pool.stats().in_use, 1u);
  pool.ready();
  pool.events();
  pool.orders();
  CAF_CHECK(pool.check_in(pool.lease(request)));
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1, Closed 1 stale");
  CAF_CHECK_EQUAL(pool.orders(), "close 1");
}

CAF_TEST(clear with interruption closes what is lent at once and ends its lease) {
  auto pool = pool_rig::ready_with(2);
  const auto request = pool.check_out();
  pool.events();
  pool.clear(true);
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, Closed 2 stale, Closed 1 stale");
  CAF_CHECK_EQUAL(pool.orders(), "seek server, cut 2, close 1");
  CAF_CHECK(pool.last(event_type::pool_cleared).interrupt_in_use);
  CAF_CHECK_EQUAL(pool.stats().revoked, 1u);
  CAF_CHECK_EQUAL(pool.stats().out, 0u);
  CAF_CHECK(!pool.check_in(pool.lease(request)));
  CAF_CHECK_EQUAL(pool.events(), "");
}

CAF_TEST(clear with interruption abandons what is being established) {
  pool_rig pool;
  pool.ready();
  const auto request = pool.check_out();
  pool.events();
  pool.orders();
  pool.clear(true);
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, Closed 1 stale, CheckOutFailed connectionError");
  CAF_CHECK_EQUAL(pool.orders(), "seek server, abandon 1");
  CAF_CHECK_EQUAL(pool.answer(request), "pool_cleared");
  CAF_CHECK_EQUAL(pool.stats().total, 0u);
  // Too late to be stopped: it is closed on arrival, and is no event any more.
  pool.established(1);
  CAF_CHECK_EQUAL(pool.orders(), "cut 1");
  CAF_CHECK_EQUAL(pool.events(), "");
}

CAF_TEST(clear with interruption cuts short a ping) {
  auto config = plain_settings();
  config.check_after_idle = 500ms;
  auto pool = pool_rig::ready_with(1, config);
  pool.pass(1s);
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "ping 1");
  pool.clear(true);
  CAF_CHECK_EQUAL(pool.orders(), "seek server, cut 1");
  CAF_CHECK_EQUAL(pool.answer(request), "pool_cleared");
  CAF_CHECK_EQUAL(pool.stats().revoked, 0u);
}

CAF_TEST(a ping that outlives a clear ends in closing) {
  auto config = plain_settings();
  config.check_after_idle = 500ms;
  auto pool = pool_rig::ready_with(1, config);
  pool.pass(1s);
  pool.check_out();
  pool.clear();
  pool.ready();
  pool.events();
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 stale");
}

CAF_TEST(promise_tested_a_connection_established_across_a_clear_is_never_lent) {
  pool_rig pool;
  pool.ready();
  pool.check_out();
  pool.clear();
  pool.ready();
  pool.events();
  pool.orders();
  const auto later = pool.check_out();
  pool.established(1);
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, Created 2, Ready 1, Closed 1 stale");
  CAF_CHECK_EQUAL(pool.orders(), "open 2, close 1");
  CAF_CHECK_EQUAL(pool.answer(later), "waiting");
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(later), "connection 2");
}

CAF_TEST(an outdated dial does not keep a new request from its own) {
  pool_rig pool;
  pool.ready();
  pool.check_out();
  pool.clear();
  pool.ready();
  pool.orders();
  const auto request = pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "open 2");
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 2");
}

CAF_TEST(an outdated ping does not keep a new request from its own) {
  auto config = plain_settings();
  config.check_after_idle = 500ms;
  auto pool = pool_rig::ready_with(1, config);
  pool.pass(1s);
  pool.check_out();
  pool.clear();
  pool.ready();
  const auto request = pool.check_out();
  pool.established(2);
  pool.check_in(pool.lease(request));
  pool.pass(1s);
  pool.orders();
  pool.check_out();
  CAF_CHECK_EQUAL(pool.orders(), "ping 2");
}

CAF_TEST(the failure of an outdated dial fails nobody) {
  pool_rig pool;
  pool.ready();
  pool.check_out();
  pool.clear();
  pool.ready();
  const auto request = pool.check_out();
  const auto warm = pool.warm(1);
  pool.events();
  pool.establishing_failed(1, server_gone());
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 error");
  CAF_CHECK_EQUAL(pool.answer(request), "waiting");
  CAF_CHECK_EQUAL(pool.answer(warm), "waiting");
  CAF_CHECK(pool.stats().phase == pool_phase::ready);
}

CAF_TEST(a cleared pool serves again once it is ready) {
  auto pool = pool_rig::ready_with(2);
  pool.clear(true);
  pool.ready();
  const auto request = pool.check_out();
  pool.established(3);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 3");
}

// -- read-only ------------------------------------------------------------------------------------

namespace {

pool_rig read_only_with_one() {
  pool_rig pool;
  pool.ready(true);
  pool.check_out(1s, priority::normal, true);
  pool.established(1, 0, true);
  pool.events();
  pool.orders();
  return pool;
}

} // namespace

CAF_TEST(without a primary only who reads is served and the others are told at once) {
  pool_rig pool;
  pool.ready(true);
  pool.events();
  const auto writer = pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(writer), "read_only");
  CAF_CHECK(is_retryable(errc::read_only));
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, CheckOutFailed connectionError");
  const auto reader = pool.check_out(1s, priority::normal, true);
  pool.established(1, 0, true);
  CAF_CHECK_EQUAL(pool.answer(reader), "connection 1");
  CAF_CHECK(pool.stats().phase == pool_phase::ready);
  CAF_CHECK_EQUAL(pool.stats().refused, 1u);
}

CAF_TEST(a paused pool is paused for those who read as well) {
  pool_rig pool;
  CAF_CHECK_EQUAL(pool.answer(pool.check_out(1s, priority::normal, true)), "pool_cleared");
}

CAF_TEST(with a primary nobody is told apart) {
  auto pool = pool_rig::ready_with(1);
  CAF_CHECK_EQUAL(pool.answer(pool.check_out(1s, priority::normal, true)), "connection 1");
}

CAF_TEST(a connection without a primary is none of a generation that began with one) {
  pool_rig pool;
  pool.ready();
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  pool.events();
  pool.orders();
  pool.established(1, 0, true);
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared, CheckOutFailed connectionError, Closed 1 error, "
                                 "CheckOutFailed connectionError");
  CAF_CHECK_EQUAL(pool.orders(), "seek server, cut 1");
  CAF_CHECK_EQUAL(pool.answer(first), "server_state_changed");
  CAF_CHECK_EQUAL(pool.answer(second), "pool_cleared");
  // The other one is of no use any more, whatever it found.
  pool.ready(true);
  pool.events();
  pool.established(2, 0, true);
  CAF_CHECK_EQUAL(pool.events(), "Ready 2, Closed 2 stale");
}

CAF_TEST(the primary that is back ends the generation and what stood serves nobody) {
  auto pool = read_only_with_one();
  const auto held = pool.lease(1);
  pool.clear(false, server_gone());
  pool.ready();
  CAF_CHECK(pool.check_in(held));
  const auto writer = pool.check_out();
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(writer), "connection 2");
}

CAF_TEST(a pool that is ready and told otherwise is cleared) {
  auto pool = read_only_with_one();
  pool.ready();
  CAF_CHECK_EQUAL(pool.events(), "PoolCleared");
  CAF_CHECK_EQUAL(pool.orders(), "seek server");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "pool_cleared");
  pool.ready();
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "waiting");
  pool.ready(true);
  CAF_CHECK_EQUAL(pool.answer(pool.check_out(1s, priority::normal, true)), "pool_cleared");
  CAF_CHECK_EQUAL(pool.stats().generation, 2u);
}

CAF_TEST(a connection that found a primary may serve those who read) {
  pool_rig pool;
  pool.ready(true);
  const auto reader = pool.check_out(1s, priority::normal, true);
  pool.established(1);
  CAF_CHECK_EQUAL(pool.answer(reader), "connection 1");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "read_only");
}
