// Other settings come into force in the machines beside the pool.
#define CAF_SUITE machine_reload

#include <caf/test/unit_test.hpp>

#include "machines/breaker_rig.hpp"
#include "machines/connector_rig.hpp"
#include "machines/health_rig.hpp"
#include "moor/machines/request_retry.hpp"
#include "moor/machines/restart_policy.hpp"

using namespace moor;
using namespace moor::test;

namespace {

struct reloaded_connector : connector_rig {
  using connector_rig::connector_rig;
  void reconfigure(const retry_settings& policy, bool rotated) {
    machine.reconfigure(policy, rotated, now, effects);
  }
};

struct reloaded_breaker : breaker_rig {
  using breaker_rig::breaker_rig;
  void reconfigure(const breaker_settings& policy) {
    machine.reconfigure(policy, draw, now, effects);
  }
};

struct reloaded_health : health_rig {
  using health_rig::health_rig;
  void reconfigure(const settings& config, bool rotated = false) {
    machine.reconfigure(config, rotated, now, effects);
  }
};

settings checked_every(duration interval) {
  auto s = watched();
  s.health.interval = interval;
  return s;
}

} // namespace

// -- the connector --------------------------------------------------------------------------------

CAF_TEST(a delay is no longer than the new longest one) {
  reloaded_connector rig;
  rig.connect();
  rig.cleared();
  for (int i = 0; i < 8; ++i) {
    rig.fail();
    rig.pass(10s);
  }
  rig.fail();
  CAF_CHECK_EQUAL(rig.delay(), 5000);
  auto policy = three_attempts();
  policy.longest_delay = 2s;
  rig.reconfigure(policy, false);
  CAF_CHECK_EQUAL(rig.delay(), 2000);
}

CAF_TEST(a rotation has a lost server probed at once) {
  reloaded_connector rig;
  rig.connect();
  rig.cleared();
  rig.fail();
  rig.done();
  rig.reconfigure(three_attempts(), true);
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.succeed();
  CAF_CHECK_EQUAL(rig.done(), "found again");
}

CAF_TEST(the failure of a probe from before a rotation says nothing) {
  reloaded_connector rig;
  rig.start();
  rig.reconfigure(three_attempts(), true);
  rig.done();
  rig.fail(unknown_user()); // which would end the start
  CAF_CHECK_EQUAL(rig.done(), "probe");
  rig.fail(unknown_user());
  CAF_CHECK_EQUAL(rig.done(), "gave up after 1: unknown user");
}

CAF_TEST(a connector that has nothing to look for does nothing) {
  reloaded_connector rig;
  rig.reconfigure(three_attempts(), true);
  rig.connect();
  rig.reconfigure(three_attempts(), true);
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK_EQUAL(rig.delay(), -1);
}

// -- the circuit breaker --------------------------------------------------------------------------

CAF_TEST(other thresholds judge what was recorded) {
  reloaded_breaker rig;
  rig.succeed(8);
  rig.fail(2);
  auto policy = small_breaker();
  policy.failure_rate_threshold = 0.2;
  rig.reconfigure(policy);
  rig.fail(1);
  CAF_CHECK(rig.state() == breaker_state::open);
}

CAF_TEST(another window begins empty) {
  reloaded_breaker rig;
  rig.fail(3);
  auto policy = small_breaker();
  policy.window_size = 20;
  rig.reconfigure(policy);
  rig.fail(3);
  CAF_CHECK(rig.state() == breaker_state::closed);
  rig.fail(1);
  CAF_CHECK(rig.state() == breaker_state::open);
}

CAF_TEST(an order stands unless the configured mode changes) {
  reloaded_breaker rig;
  rig.order(breaker_mode::forced_open);
  rig.reconfigure(small_breaker());
  CAF_CHECK(rig.state() == breaker_state::forced_open);
  auto policy = small_breaker();
  policy.mode = breaker_mode::disabled;
  rig.reconfigure(policy);
  CAF_CHECK(rig.state() == breaker_state::disabled);
}

CAF_TEST(fewer probes than were answered already decide) {
  reloaded_breaker rig;
  rig.half_open();
  rig.succeed(2);
  auto policy = small_breaker();
  policy.permitted_probes = 2;
  rig.reconfigure(policy);
  CAF_CHECK(rig.state() == breaker_state::closed);
}

// -- the health monitor ---------------------------------------------------------------------------

CAF_TEST(a shorter interval counts from now) {
  reloaded_health rig{checked_every(1h)};
  rig.be_healthy();
  rig.reconfigure(checked_every(10s));
  CAF_CHECK_EQUAL(rig.wait().count(), duration{10s}.count());
}

CAF_TEST(checks can be turned off and on) {
  reloaded_health rig{checked_every(10s)};
  rig.be_healthy();
  rig.reconfigure(checked_every(0s));
  CAF_CHECK_EQUAL(rig.done(), "drop");
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  CAF_CHECK_EQUAL(rig.state(), "healthy");
  rig.reconfigure(checked_every(10s));
  CAF_CHECK_EQUAL(rig.wait().count(), 0);
  CAF_CHECK_EQUAL(rig.done(), "ask, check");
}

CAF_TEST(a rotation has the monitor look over a new connection) {
  reloaded_health rig;
  rig.be_healthy();
  rig.reconfigure(watched(), true);
  CAF_CHECK_EQUAL(rig.done(), "drop");
  CAF_CHECK_EQUAL(rig.wait().count(), 0);
  CAF_CHECK_EQUAL(rig.done(), "ask, check");
  rig.fail(); // the first one of a new connection: not at once the server's fault
  CAF_CHECK_EQUAL(rig.done(), "drop, check");
}

CAF_TEST(a check under way is begun anew by a rotation) {
  reloaded_health rig;
  rig.ready();
  rig.done();
  rig.reconfigure(watched(), true);
  CAF_CHECK_EQUAL(rig.done(), "drop, check");
}

CAF_TEST(a monitor without a pool waits for it) {
  reloaded_health rig;
  rig.reconfigure(checked_every(1s));
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
}

// -- retries and restarts -------------------------------------------------------------------------

CAF_TEST(a budget of nothing forgets what was saved) {
  machines::retry_budget budget{1};
  budget.deposit();
  budget.deposit();
  CAF_CHECK(budget.take());
  budget.change_share(0);
  CAF_CHECK(!budget.take());
}

CAF_TEST(restarts of before count against the new limit) {
  machines::restart_policy policy{{.most = 5}};
  const instant now{1h};
  CAF_CHECK(policy.on_death(now));
  CAF_CHECK(policy.on_death(now));
  policy.reconfigure({.most = 2});
  CAF_CHECK(!policy.on_death(now));
}
