// Credentials and certificates that are refused: the server is not asked more than it must be.
#define CAF_SUITE lasting_failures

#include "machines/connector_rig.hpp"
#include "machines/health_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

using phase = machines::connector::phase;

namespace {

failure expired() {
  failure why{errc::tls_failed, spoils::generation, 0, "expired"};
  why.cause = failure_cause::tls_expired;
  return why;
}

} // namespace

CAF_TEST(an unacceptable certificate ends the initial phase at once) {
  connector_rig rig;
  rig.start();
  rig.fail(expired());
  CAF_CHECK_EQUAL(rig.done(), "probe, gave up after 1: expired");
}

CAF_TEST(after as many lasting failures as there are attempts the delay is the longest) {
  for (const auto& why : {unknown_user(), expired()}) {
    connector_rig rig;
    rig.connect();
    rig.cleared();
    rig.fail(why);
    CAF_CHECK_EQUAL(rig.delay(), 500);
    rig.pass(500ms);
    rig.fail(why);
    CAF_CHECK_EQUAL(rig.delay(), 1000);
    rig.pass(1s);
    for (int i = 0; i < 5; ++i) {
      rig.fail(why); // whatever the draw, there is no attempt in between
      CAF_CHECK_EQUAL(rig.delay(), 10000);
      rig.draw = 0;
      rig.pass(9999ms);
      CAF_CHECK_EQUAL(rig.delay(), 1);
      rig.pass(1ms);
    }
    rig.done();
    rig.succeed();
    CAF_CHECK_EQUAL(rig.done(), "found again");
  }
}

CAF_TEST(an outage in between gives no new attempts) {
  connector_rig rig;
  rig.connect();
  rig.cleared();
  for (int i = 0; i < 3; ++i) {
    rig.fail(expired());
    rig.pass(10s);
  }
  rig.fail(refused());
  rig.pass(10s);
  rig.fail(expired());
  CAF_CHECK_EQUAL(rig.delay(), 10000);
  rig.pass(10s);
  rig.succeed();
  rig.cleared();
  rig.fail(expired());
  CAF_CHECK_EQUAL(rig.delay(), 500); // all is forgiven
}

CAF_TEST(who lets probes in and refuses what follows is left alone as well) {
  connector_rig rig;
  rig.connect();
  for (int i = 1; i < 6; ++i) {
    rig.establishing_failed(unknown_user());
    rig.cleared();
    if (i == 1)
      CAF_CHECK_EQUAL(rig.done(), "probe");
    else
      CAF_CHECK_EQUAL(rig.delay(), i == 2 ? 1000 : 10000);
    rig.pass(10s);
    rig.succeed();
  }
}

CAF_TEST(a lasting cause that comes later is said once and taken back) {
  connector_rig rig;
  rig.connect();
  rig.cleared();
  rig.fail(refused());
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.pass(10s);
  rig.fail(expired());
  CAF_CHECK_EQUAL(rig.done(), "probe, cause: expired");
  rig.pass(10s);
  rig.fail(expired());
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.pass(10s);
  rig.fail(refused());
  CAF_CHECK_EQUAL(rig.done(), "probe, cause: connection refused");
}

CAF_TEST(the monitor does not hammer either) {
  auto config = watched();
  config.retry.attempts = 3;
  config.retry.longest_delay = 30s;
  health_rig rig{config};
  rig.be_healthy();
  for (const auto expected : {500ms, 500ms, 30'000ms, 30'000ms}) {
    rig.wait();
    rig.fail(unknown_user());
    CAF_CHECK_EQUAL((rig.machine.next_timer() - rig.now) / 1ms, expected / 1ms);
  }
  CAF_CHECK_EQUAL(rig.state(), "degraded"); // what stands may serve on
  const auto causes = rig.machine.causes();
  CAF_REQUIRE(!causes.empty());
  CAF_CHECK_EQUAL(causes.front(), "the check was refused: unknown user");
  rig.wait();
  rig.answer();
  CAF_CHECK_EQUAL((rig.machine.next_timer() - rig.now) / 1ms, 500);
}
