// The connector: finding the server at the start, losing it and finding it again.
#define CAF_SUITE connector_machine

#include "machines/connector_rig.hpp"

#include <algorithm>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

using phase = machines::connector::phase;

// -- the initial phase ----------------------------------------------------------------------------

CAF_TEST(nothing happens before the start) {
  connector_rig rig;
  rig.cleared();
  rig.establishing_failed();
  rig.pass(24h);
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK_EQUAL(rig.delay(), -1);
}

CAF_TEST(a server that is there is found by the first probe) {
  connector_rig rig;
  rig.start();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "found");
  CAF_CHECK(rig.machine.current() == phase::connected);
  CAF_CHECK_EQUAL(rig.delay(), -1);
}

CAF_TEST(starting twice sends one probe) {
  connector_rig rig;
  rig.start();
  rig.start();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.succeed();
  rig.start();
  CAF_CHECK_EQUAL(rig.done(), "found");
}

CAF_TEST(the initial phase gives up after its attempts with the last cause) {
  connector_rig rig;
  rig.start();
  rig.fail();
  CAF_CHECK_EQUAL(rig.delay(), 500);
  rig.pass(499ms);
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.pass(1ms);
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.fail();
  CAF_CHECK_EQUAL(rig.delay(), 1000);
  rig.pass(1s);
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.fail(shut_down());
  CAF_CHECK_EQUAL(rig.done(), "gave up after 3: shut down");
  CAF_CHECK(rig.machine.current() == phase::idle);
  CAF_CHECK_EQUAL(rig.delay(), -1);
}

CAF_TEST(refused credentials end the initial phase at once) {
  connector_rig rig;
  rig.start();
  rig.fail(unknown_user());
  CAF_CHECK_EQUAL(rig.done(), "probe, gave up after 1: unknown user");
  CAF_CHECK_EQUAL(rig.delay(), -1);
}

CAF_TEST(after giving up it can be started anew with all its attempts) {
  connector_rig rig;
  rig.start();
  rig.fail(unknown_user());
  rig.start();
  rig.fail();
  CAF_CHECK_EQUAL(rig.delay(), 500);
  rig.pass(500ms);
  rig.fail();
  rig.pass(1s);
  rig.done();
  rig.fail();
  CAF_CHECK_EQUAL(rig.done(), "gave up after 3: connection refused");
}

CAF_TEST(delays lie within the bounds of the backoff) {
  for (const auto draw : {0.0, 0.25, 0.999}) {
    connector_rig rig;
    rig.draw = draw;
    rig.connect();
    rig.cleared();
    for (const auto bound : {1000.0, 2000.0, 4000.0, 8000.0, 10000.0, 10000.0}) {
      rig.fail();
      CAF_CHECK_EQUAL(rig.delay(), static_cast<std::int64_t>(bound * draw));
      rig.pass(10s);
    }
  }
}

// -- losing the server and finding it again -------------------------------------------------------

CAF_TEST(a cleared pool has the server looked for at once) {
  connector_rig rig;
  rig.connect();
  rig.cleared();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  CAF_CHECK(rig.machine.current() == phase::reconnecting);
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "found again");
}

CAF_TEST(a pool cleared twice is one probe) {
  connector_rig rig;
  rig.connect();
  rig.cleared();
  rig.cleared();
  CAF_CHECK_EQUAL(rig.done(), "probe");
}

CAF_TEST(reconnecting goes on without end at the longest delay) {
  connector_rig rig;
  rig.connect();
  rig.cleared();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  for (int i = 0; i < 10'000; ++i) {
    rig.fail(i % 2 == 0 ? refused() : shut_down());
    rig.pass(10s);
    CAF_REQUIRE_EQUAL(rig.done(), "probe");
  }
  rig.fail();
  CAF_CHECK_EQUAL(rig.delay(), 5000);
  rig.pass(5s);
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "probe, found again");
  // Found: the next loss begins with the first delay again.
  rig.cleared();
  rig.fail();
  CAF_CHECK_EQUAL(rig.delay(), 500);
}

CAF_TEST(while nobody answers a delay is a share of the outage so far) {
  auto policy = three_attempts();
  policy.reconnect_share = 0.125;
  connector_rig rig{policy};
  rig.draw = 0.999'999;
  rig.connect();
  rig.cleared();
  const auto lost_at = rig.now;
  duration longest{0};
  while (rig.now - lost_at < 10min) {
    rig.pass(0s);
    rig.fail();
    const auto outage = rig.now - lost_at;
    const duration delay = rig.machine.next_probe() - rig.now;
    CAF_CHECK(delay <= std::max<duration>(100ms, outage / 8));
    CAF_CHECK(delay <= 10s);
    longest = std::max(longest, delay);
    rig.now = rig.machine.next_probe();
  }
  CAF_CHECK(longest > 9s);
}

CAF_TEST(a server that answers with a refusal is asked at the usual pace) {
  auto policy = three_attempts();
  policy.reconnect_share = 0.125;
  connector_rig rig{policy};
  rig.draw = 0.999'999;
  rig.connect();
  for (const auto& why : {unknown_user(), shut_down()}) {
    rig.cleared();
    rig.fail(why);
    CAF_CHECK_EQUAL(rig.delay(), 999);
    rig.pass(1s);
    rig.succeed();
  }
}

CAF_TEST(a failed dial is verified by one probe) {
  connector_rig rig;
  rig.connect();
  rig.establishing_failed();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  CAF_CHECK(rig.machine.current() == phase::verifying);
  rig.establishing_failed();
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK(rig.machine.current() == phase::connected);
}

CAF_TEST(a failed verification means that the server is lost) {
  connector_rig rig;
  rig.connect();
  rig.establishing_failed();
  rig.fail();
  CAF_CHECK_EQUAL(rig.done(), "probe, lost: connection refused");
  CAF_CHECK(rig.machine.current() == phase::reconnecting);
  CAF_CHECK_EQUAL(rig.delay(), 500);
  // The pool, cleared by that very announcement, adds nothing.
  rig.cleared();
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.pass(500ms);
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "probe, found again");
}

CAF_TEST(dials that fail in a row come to an end though every probe succeeds) {
  connector_rig rig;
  rig.connect();
  for (int i = 0; i < 2; ++i) {
    rig.establishing_failed();
    rig.succeed();
    CAF_CHECK_EQUAL(rig.done(), "probe");
  }
  rig.establishing_failed();
  CAF_CHECK_EQUAL(rig.done(), "lost: connection refused");
  CAF_CHECK_EQUAL(rig.delay(), 500);
}

CAF_TEST(one success ends the row of failures) {
  connector_rig rig;
  rig.connect();
  for (int i = 0; i < 10; ++i) {
    rig.establishing_failed();
    rig.succeed();
    rig.established();
    CAF_CHECK_EQUAL(rig.done(), "probe");
  }
}

CAF_TEST(a dial that spoils the generation leaves it to the pool to be cleared) {
  connector_rig rig;
  rig.connect();
  rig.establishing_failed(shut_down());
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.cleared();
  CAF_CHECK_EQUAL(rig.done(), "probe");
}

CAF_TEST(dials that spoil the generation again and again wait longer and longer) {
  connector_rig rig;
  rig.connect();
  rig.establishing_failed(shut_down());
  rig.cleared();
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "probe, found again");
  for (const auto expected : {1000, 2000, 4000, 5000, 5000}) {
    rig.establishing_failed(shut_down());
    rig.cleared();
    CAF_CHECK_EQUAL(rig.delay(), expected);
    rig.pass(5s);
    rig.succeed();
    CAF_CHECK_EQUAL(rig.done(), "probe, found again");
  }
}

CAF_TEST(a pool cleared while verifying waits for the probe in flight) {
  connector_rig rig;
  rig.connect();
  rig.establishing_failed();
  rig.cleared();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "found again");
}

CAF_TEST(a pool cleared in the initial phase changes nothing) {
  connector_rig rig;
  rig.start();
  rig.cleared();
  rig.establishing_failed();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "found");
}

CAF_TEST(an overloaded server is not lost) {
  const failure overload{errc::connect_failed, spoils::connection, 462, "too much to do"};
  connector_rig rig;
  rig.connect();
  for (int i = 0; i < 10; ++i)
    rig.establishing_failed(overload);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.establishing_failed();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.fail(overload);
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK(rig.machine.current() == machines::connector::phase::connected);
}

// -- without a primary ----------------------------------------------------------------------------

CAF_TEST(where only secondaries are found the primary is looked for in the background) {
  connector_rig rig;
  rig.start();
  rig.succeed(true);
  CAF_CHECK_EQUAL(rig.done(), "probe, found read-only");
  CAF_CHECK(rig.machine.read_only());
  CAF_CHECK(rig.machine.current() == phase::connected);
  std::int64_t longest = 0;
  for (int i = 0; i < 20; ++i) {
    CAF_CHECK(rig.delay() >= longest);
    longest = rig.delay();
    rig.pass(std::chrono::milliseconds{longest});
    CAF_CHECK_EQUAL(rig.done(), "probe");
    if (i % 3 == 0)
      rig.fail(); // the pool reads on all the same
    else
      rig.succeed(true);
    CAF_CHECK_EQUAL(rig.done(), "");
  }
  CAF_CHECK_EQUAL(longest, 5000); // half of the longest delay, by the draw
}

CAF_TEST(a primary that is back has the pool cleared and readied anew) {
  connector_rig rig;
  rig.start();
  rig.succeed(true);
  rig.pass(10s);
  rig.done();
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "lost: a member of the replica set takes writes again, probe");
  rig.cleared(); // the pool's answer
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "found again");
  CAF_CHECK(!rig.machine.read_only());
  CAF_CHECK_EQUAL(rig.delay(), -1);
}

CAF_TEST(a primary that is missed by a probe has the pool cleared and readied for reading) {
  connector_rig rig;
  rig.connect();
  rig.establishing_failed();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.succeed(true);
  CAF_CHECK_EQUAL(rig.done(), "lost: no member of the replica set takes writes any more, probe");
  rig.succeed(true);
  CAF_CHECK_EQUAL(rig.done(), "found again read-only");
  CAF_CHECK(rig.delay() > 0);
}

CAF_TEST(without a primary a failed dial is verified and a cleared pool looked after as ever) {
  connector_rig rig;
  rig.start();
  rig.succeed(true);
  rig.done();
  rig.establishing_failed();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.succeed(true);
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK(rig.delay() > 0);
  rig.establishing_failed();
  rig.fail();
  CAF_CHECK_EQUAL(rig.done(), "probe, lost: connection refused");
  rig.pass(rig.delay() * 1ms);
  rig.succeed(true);
  CAF_CHECK_EQUAL(rig.done(), "probe, found again read-only");
  rig.established();
  rig.cleared();
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "found again");
}

CAF_TEST(dials that fail in a row while the primary is looked for send no second probe) {
  connector_rig rig;
  rig.start();
  rig.succeed(true);
  rig.pass(10s);
  CAF_CHECK_EQUAL(rig.done(), "probe, found read-only, probe");
  for (int i = 0; i < 3; ++i)
    rig.establishing_failed();
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.fail();
  CAF_CHECK_EQUAL(rig.done(), "lost: connection refused");
  CAF_CHECK(rig.delay() > 0);
}

CAF_TEST(an overloaded member does not end the search for the primary) {
  connector_rig rig;
  rig.start();
  rig.succeed(true);
  rig.establishing_failed();
  rig.done();
  rig.fail({errc::connect_failed, spoils::connection, 462, "rate limit"});
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK(rig.machine.current() == phase::connected);
  CAF_CHECK(rig.delay() > 0);
}
