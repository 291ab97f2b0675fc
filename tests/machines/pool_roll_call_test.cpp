// A new pool supervisor's books against the machine's: what differs is mended, what agrees stays.
#define CAF_SUITE pool_roll_call

#include "machines/pool_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

/// One lease out, one connection available, one request waiting... and books that say so.
struct office {
  office() {
    auto config = at_most(2, 2);
    rig = pool_rig::ready_with(2, config);
    held = rig.check_out();
    other = rig.check_out();
    waiting = rig.check_out(5s);
    there.connections = {1, 2};
    there.leases = {{rig.lease(held), 2}, {rig.lease(other), 1}};
    there.waiting = {{.request = waiting,
                      .level = priority::normal,
                      .since = rig.now(),
                      .deadline = rig.now() + 5s}};
    rig.events();
    rig.orders();
  }

  pool_rig rig;
  machines::roll there;
  request_id held = 0;
  request_id other = 0;
  request_id waiting = 0;
};

} // namespace

CAF_TEST(books that agree are left alone) {
  office o;
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.events(), "");
  CAF_CHECK_EQUAL(o.rig.orders(), "");
  CAF_CHECK_EQUAL(o.rig.answer(o.waiting), "waiting");
  CAF_CHECK(o.rig.check_in(o.rig.lease(o.held)));
  CAF_CHECK_EQUAL(o.rig.answer(o.waiting), "connection 2");
}

CAF_TEST(a lease that nobody holds comes back and is pinged before it is lent again) {
  office o;
  o.there.leases.erase(o.rig.lease(o.held));
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.events(), "CheckedIn 2");
  CAF_CHECK_EQUAL(o.rig.orders(), "ping 2");
  CAF_CHECK_EQUAL(o.rig.stats().returned, 1u);
  o.rig.check_passed(2);
  CAF_CHECK_EQUAL(o.rig.answer(o.waiting), "connection 2");
}

CAF_TEST(a connection that is not there any more is closed and its lease revoked) {
  office o;
  o.there.connections.erase(2);
  o.there.leases.erase(o.rig.lease(o.held));
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.stats().revoked, 1u);
  CAF_CHECK_EQUAL(o.rig.stats().out, 1u);
  CAF_CHECK_EQUAL(o.rig.orders(), "cut 2, open 3");
}

CAF_TEST(what is being closed is what the books say) {
  office o;
  o.there.connections.erase(2);
  o.there.leases.erase(o.rig.lease(o.held));
  o.there.closing = {7};
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.orders(), "cut 2");
  CAF_CHECK_EQUAL(o.rig.stats().closing, 1u);
  o.rig.closed(7);
  CAF_CHECK_EQUAL(o.rig.orders(), "open 3");
}

CAF_TEST(a connection that nobody knows is closed) {
  office o;
  o.there.connections.insert(9);
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.orders(), "cut 9");
}

CAF_TEST(a lease that the machine does not know is ended) {
  office o;
  o.there.leases.emplace(99, 1);
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.orders(), "cut 1");
}

CAF_TEST(a request that never reached the queue takes its place by its number) {
  office o;
  auto earlier = o.there.waiting.front();
  const auto later = o.rig.check_out(5s);
  const auto now = o.rig.now();
  o.there.waiting
    = {{.request = later, .level = priority::normal, .since = now, .deadline = now + 5s}, earlier};
  o.there.waiting.push_back(
    {.request = later + 1, .level = priority::critical, .since = now, .deadline = now + 5s});
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.stats().waiting, 3u);
  o.rig.check_in(o.rig.lease(o.held));
  CAF_CHECK_EQUAL(o.rig.answer(later + 1), "connection 2");
  o.rig.check_in(o.rig.lease(o.other));
  CAF_CHECK_EQUAL(o.rig.answer(o.waiting), "connection 1");
  CAF_CHECK_EQUAL(o.rig.answer(later), "waiting");
}

CAF_TEST(a connection is still established for whom it was) {
  for (const auto fails : {true, false}) {
    pool_rig rig;
    rig.ready();
    const auto first = rig.check_out(5s);
    const auto second = rig.check_out(5s);
    machines::roll there;
    there.ordered = {1, 2};
    for (const auto request : {first, second})
      there.waiting.push_back({.request = request, .since = rig.now(), .deadline = rig.now() + 5s});
    rig.orders();
    rig.adopt(there);
    CAF_CHECK_EQUAL(rig.orders(), "");
    if (fails)
      rig.establishing_failed(2);
    else
      rig.established(2);
    CAF_CHECK_EQUAL(rig.answer(first), fails ? "waiting" : "connection 2");
    CAF_CHECK_EQUAL(rig.answer(second), fails ? "connect_failed" : "waiting");
  }
}

CAF_TEST(deadlines are those of before and what is over is answered) {
  office o;
  o.rig.pass(5s);
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.answer(o.waiting), "wait_queue_timeout");
}

CAF_TEST(a request whose borrower is gone is forgotten) {
  office o;
  o.there.waiting.clear();
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.stats().waiting, 0u);
  CAF_CHECK_EQUAL(o.rig.events(), "CheckOutFailed borrowerGone");
}

CAF_TEST(other requests that the machine does not know are refused) {
  office o;
  const auto id = o.waiting + 1;
  o.there.others.insert(id);
  o.rig.adopt(o.there);
  CAF_CHECK_EQUAL(o.rig.answer(id), "restarted");
}

CAF_TEST(orders that may be lost are given again) {
  auto rig = pool_rig::ready_with(1, at_most(3, 2));
  rig.pass(1h);
  rig.check_out();
  machines::roll there;
  there.connections = {1};
  there.waiting
    = {{.request = 1, .level = priority::normal, .since = rig.now(), .deadline = rig.now() + 1s}};
  there.leases = {{1, 1}};
  rig.check_out();
  there.waiting
    = {{.request = 2, .level = priority::normal, .since = rig.now(), .deadline = rig.now() + 1s}};
  there.ordered = {2};
  rig.orders();
  rig.adopt(there);
  CAF_CHECK_EQUAL(rig.orders(), "");
  there.ordered.clear();
  rig.adopt(there);
  CAF_CHECK_EQUAL(rig.orders(), "open 2");
  there.ordered = {2};
  rig.clear();
  rig.orders();
  there.waiting.clear();
  there.words_may_be_lost = true;
  rig.adopt(there);
  CAF_CHECK_EQUAL(rig.orders(), "seek server");
}

CAF_TEST(a request for the primary that never reached the queue is refused where there is none) {
  pool_rig rig;
  rig.ready(true);
  const auto reader = rig.check_out(5s, priority::normal, true);
  const auto now = rig.now();
  machines::roll there;
  there.ordered = {1};
  there.waiting
    = {{.request = reader,
        .level = priority::normal,
        .read_only = true,
        .since = now,
        .deadline = now + 5s},
       {.request = reader + 1, .level = priority::normal, .since = now, .deadline = now + 5s},
       {.request = reader + 2,
        .level = priority::normal,
        .read_only = true,
        .since = now,
        .deadline = now + 5s}};
  rig.adopt(there);
  CAF_CHECK_EQUAL(rig.answer(reader + 1), "read_only");
  CAF_CHECK_EQUAL(rig.stats().waiting, 2u);
}

CAF_TEST(a connection without a primary of which no news came is none of a pool that has one) {
  for (const bool read_only : {false, true}) {
    pool_rig rig;
    rig.ready(read_only);
    const auto reader = rig.check_out(5s, priority::normal, true);
    rig.orders();
    machines::roll there;
    there.connections = there.read_only = {1};
    there.waiting = {{.request = reader,
                      .level = priority::normal,
                      .read_only = true,
                      .since = rig.now(),
                      .deadline = rig.now() + 5s}};
    rig.adopt(there);
    CAF_CHECK_EQUAL(rig.answer(reader), read_only ? "connection 1" : "waiting");
    CAF_CHECK_EQUAL(rig.orders(), read_only ? "" : "cut 1, open 2");
  }
}
