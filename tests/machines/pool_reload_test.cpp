// Other settings come into force while the pool is in use.
#define CAF_SUITE pool_reload

#include "machines/pool_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

settings queueing(std::size_t limit) {
  auto s = plain_settings();
  s.wait_queue_limit = limit;
  return s;
}

settings keeping(std::size_t least, std::size_t most) {
  auto s = at_most(most, 2);
  s.min_pool_size = least;
  return s;
}

} // namespace

// -- sizes ----------------------------------------------------------------------------------------

CAF_TEST(a smaller maximum closes available connections at once and the longest idle first) {
  auto pool = pool_rig::ready_with(4, at_most(4, 4));
  pool.reconfigure(at_most(2, 2));
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 surplus, Closed 2 surplus");
  CAF_CHECK_EQUAL(pool.orders(), "close 1, close 2");
  CAF_CHECK_EQUAL(pool.stats().max_size, 2u);
}

CAF_TEST(a smaller maximum never cuts a lease and takes connections as they come back) {
  auto pool = pool_rig::ready_with(3, at_most(3, 2));
  const auto first = pool.lease(pool.check_out());
  const auto second = pool.lease(pool.check_out());
  const auto third = pool.lease(pool.check_out());
  pool.events();
  pool.reconfigure(at_most(1, 1));
  CAF_CHECK_EQUAL(pool.events(), "");
  CAF_CHECK_EQUAL(pool.stats().out, 3u);
  const auto waits = pool.check_out();
  pool.check_in(first);
  pool.check_in(second);
  CAF_CHECK_EQUAL(pool.answer(waits), "waiting");
  CAF_CHECK_EQUAL(pool.stats().total, 1u);
  pool.check_in(third);
  CAF_CHECK(pool.lease(waits) != 0);
  const auto s = pool.stats();
  CAF_CHECK_EQUAL(s.revoked, 0u);
  CAF_CHECK_EQUAL(s.granted, s.returned + s.out);
}

CAF_TEST(a smaller maximum gives up what is being established) {
  auto pool = pool_rig::ready_with(0, at_most(3, 3));
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  pool.events();
  pool.orders();
  pool.reconfigure(at_most(1, 1));
  CAF_CHECK_EQUAL(pool.events(), "Closed 2 surplus");
  CAF_CHECK_EQUAL(pool.orders(), "abandon 2");
  pool.established(1);
  pool.check_in(pool.lease(first));
  CAF_CHECK_EQUAL(pool.answer(second), "connection 1");
}

CAF_TEST(a connection that is pinged while the maximum shrinks goes when it answers) {
  auto config = at_most(2, 2);
  config.check_after_idle = 1s;
  auto pool = pool_rig::ready_with(2, config);
  pool.pass(2s);
  pool.check_out();
  pool.check_out(); // both are pinged
  config.max_pool_size = 1;
  config.max_connecting = 1;
  pool.reconfigure(config);
  pool.events();
  pool.check_passed(1);
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 surplus");
  pool.check_passed(2);
  CAF_CHECK_EQUAL(pool.stats().in_use, 1u);
}

CAF_TEST(a larger maximum serves who waits at once) {
  auto pool = pool_rig::ready_with(1, at_most(1, 2));
  pool.check_out();
  const auto waits = pool.check_out();
  pool.orders();
  pool.reconfigure(at_most(2, 2));
  CAF_CHECK_EQUAL(pool.orders(), "open 2");
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(waits), "connection 2");
}

CAF_TEST(a larger minimum populates and a smaller one closes nothing) {
  auto pool = pool_rig::ready_with(0, keeping(0, 4));
  pool.reconfigure(keeping(2, 4));
  CAF_CHECK_EQUAL(pool.orders(), "open 1, open 2");
  pool.established(1);
  pool.established(2);
  pool.events();
  pool.reconfigure(keeping(0, 4));
  CAF_CHECK_EQUAL(pool.events(), "");
  CAF_CHECK_EQUAL(pool.stats().available, 2u);
}

CAF_TEST(warm requests beyond a smaller maximum are refused with its value) {
  auto pool = pool_rig::ready_with(0, at_most(4, 1));
  const auto request = pool.warm(4);
  pool.reconfigure(at_most(3, 1));
  CAF_CHECK_EQUAL(pool.answer(request), "invalid_argument");
  CAF_CHECK_NOT_EQUAL(pool.why(request).find("was lowered to 3"), std::string::npos);
}

// -- the queue and times --------------------------------------------------------------------------

CAF_TEST(a smaller queue keeps who waits and refuses the next) {
  auto pool = pool_rig::ready_with(0, queueing(3));
  const auto first = pool.check_out();
  const auto second = pool.check_out();
  pool.reconfigure(queueing(1));
  CAF_CHECK_EQUAL(pool.answer(first), "waiting");
  CAF_CHECK_EQUAL(pool.answer(second), "waiting");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "queue_full");
  pool.established(1);
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(first), "connection 1");
  CAF_CHECK_EQUAL(pool.answer(second), "connection 2");
}

CAF_TEST(another lifetime counts from the beginning of a connection) {
  auto config = at_most(2, 2);
  config.max_lifetime = 1h;
  config.max_lifetime_jitter = 0;
  auto pool = pool_rig::ready_with(1, config);
  pool.pass(10min);
  config.max_lifetime = 5min;
  pool.reconfigure(config);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 lifetime");
}

CAF_TEST(the rules of shedding begin anew when they change) {
  auto config = at_most(1, 1);
  config.shedding.queue_target = 100ms;
  config.shedding.queue_interval = 10s;
  auto pool = pool_rig::ready_with(1, config);
  pool.check_out();
  pool.check_out(1h);
  const auto last = pool.check_out(1h);
  pool.pass(5s);
  config.shedding.queue_interval = 2s;
  pool.reconfigure(config);
  CAF_CHECK_EQUAL(pool.answer(last), "waiting");
  CAF_CHECK_EQUAL(pool.until_next_deadline().count(), duration{2s}.count());
  pool.pass(2s);
  pool.expire();
  CAF_CHECK_EQUAL(pool.stats().shed, 1u);
}

CAF_TEST(a closed pool follows in silence) {
  auto pool = pool_rig::ready_with(1, at_most(2, 2));
  pool.close();
  pool.events();
  pool.orders();
  pool.reconfigure(keeping(2, 2), true);
  CAF_CHECK_EQUAL(pool.events() + pool.orders(), "");
}

CAF_TEST(the same settings twice change nothing) {
  auto pool = pool_rig::ready_with(2, at_most(4, 2));
  pool.reconfigure(at_most(3, 2));
  pool.reconfigure(at_most(3, 2));
  CAF_CHECK_EQUAL(pool.events() + pool.orders(), "");
}

// -- rotation -------------------------------------------------------------------------------------

CAF_TEST(with room a new connection comes before an old one goes) {
  auto pool = pool_rig::ready_with(3, at_most(10, 2));
  pool.reconfigure(at_most(10, 2), true);
  CAF_CHECK_EQUAL(pool.events(), "Created 4, Created 5"); // max-connecting at once
  pool.established(4);
  CAF_CHECK_EQUAL(pool.events(), "Ready 4, Closed 1 rotated, Created 6");
  pool.established(5);
  pool.established(6);
  CAF_CHECK_EQUAL(pool.events(), "Ready 5, Closed 2 rotated, Ready 6, Closed 3 rotated");
  CAF_CHECK_EQUAL(pool.stats().available, 3u);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "");
}

CAF_TEST(a full pool makes room for one after the other) {
  auto pool = pool_rig::ready_with(3, at_most(3, 1));
  pool.close_slowly();
  pool.reconfigure(at_most(3, 1), true);
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 rotated");
  CAF_CHECK_EQUAL(pool.stats().available, 2u);
  pool.closed(1);
  CAF_CHECK_EQUAL(pool.events(), "Created 4");
  pool.established(4);
  CAF_CHECK_EQUAL(pool.events(), "Ready 4, Closed 2 rotated");
  pool.closed(2);
  pool.established(5);
  CAF_CHECK_EQUAL(pool.events(), "Created 5, Ready 5, Closed 3 rotated");
}

CAF_TEST(a lease goes on and its connection is replaced when it comes back) {
  auto pool = pool_rig::ready_with(1, at_most(2, 2));
  const auto lease = pool.lease(pool.check_out());
  pool.events();
  pool.reconfigure(at_most(2, 2), true);
  CAF_CHECK_EQUAL(pool.events(), "");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1, Created 2");
  const auto next = pool.lease(pool.check_out()); // the old one serves until the new one is there
  CAF_CHECK(next != 0);
  pool.events();
  pool.established(2);
  CAF_CHECK_EQUAL(pool.events(), "Ready 2");
  pool.check_in(next);
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 1, Closed 1 rotated");
}

CAF_TEST(under load old connections are replaced before who waits takes them) {
  auto pool = pool_rig::ready_with(2, at_most(2, 1));
  const auto first = pool.lease(pool.check_out());
  const auto second = pool.lease(pool.check_out());
  const auto waits = pool.check_out();
  const auto waits_too = pool.check_out();
  pool.reconfigure(at_most(2, 1), true);
  pool.events();
  pool.check_in(first);
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 2, Closed 2 rotated, Created 3");
  pool.check_in(second); // as many as may be are being replaced
  CAF_CHECK_EQUAL(pool.answer(waits), "connection 1");
  pool.established(3);
  CAF_CHECK_EQUAL(pool.answer(waits_too), "connection 3");
}

CAF_TEST(what could not be replaced in time is closed when it is met) {
  auto config = at_most(4, 2);
  config.rotation_period = 1min;
  auto pool = pool_rig::ready_with(2, config);
  const auto lease = pool.lease(pool.check_out());
  pool.reconfigure(config, true);
  pool.establishing_failed(3); // population rests
  pool.events();
  pool.pass(1min - 1ns);
  pool.run_background();
  pool.establishing_failed(4);
  CAF_CHECK_EQUAL(pool.events(), "Created 4, Closed 4 error");
  pool.pass(1ns);
  pool.run_background();
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 rotated");
  pool.check_in(lease);
  CAF_CHECK_EQUAL(pool.events(), "CheckedIn 2, Closed 2 rotated");
}

CAF_TEST(a dial of before a rotation neither clears the pool nor blames a request) {
  auto pool = pool_rig::ready_with(0, at_most(2, 2));
  const auto request = pool.check_out();
  pool.reconfigure(at_most(2, 2), true);
  pool.events();
  pool.establishing_failed(1, server_gone()); // by credentials that are valid no more
  CAF_CHECK_EQUAL(pool.events(), "Closed 1 error, Created 2");
  CAF_CHECK_EQUAL(pool.answer(request), "waiting");
  pool.established(2);
  CAF_CHECK_EQUAL(pool.answer(request), "connection 2");
}

CAF_TEST(a second rotation outdates what the first one made) {
  auto pool = pool_rig::ready_with(1, at_most(4, 2));
  pool.reconfigure(at_most(4, 2), true);
  pool.established(2);
  pool.events();
  pool.reconfigure(at_most(4, 2), true);
  CAF_CHECK_EQUAL(pool.events(), "Created 3");
  pool.established(3);
  CAF_CHECK_EQUAL(pool.events(), "Ready 3, Closed 2 rotated");
}

CAF_TEST(a paused pool rotates nothing and a ready one has nothing left) {
  auto pool = pool_rig::ready_with(2, at_most(4, 2));
  pool.clear();
  pool.events();
  pool.orders();
  pool.reconfigure(at_most(4, 2), true);
  CAF_CHECK_EQUAL(pool.events() + pool.orders(), "");
  pool.ready();
  CAF_CHECK_EQUAL(pool.events(), "PoolReady");
}
