// The connector: the initial phase, finding the server again, and what it leaves behind.
#define CAF_SUITE connector

#include "actors/rig.hpp"

using namespace moor;
using namespace moor::test;

namespace {

struct connector_rig : pool_rig {
  /// Asks the connector to find the server.
  answer_ptr<connected> connect_now() {
    auto got = std::make_shared<answer<connected>>();
    sys.spawn([=, this](caf::event_based_actor* me) {
      me->request(caf::actor_cast<caf::actor>(connector), caf::infinite, connect{})
        .then([got](connected value) { got->values.push_back(value); },
              [got](caf::error& err) { got->errors.push_back(std::move(err)); });
    });
    settle();
    return got;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(connector_tests, connector_rig)

CAF_TEST(a server that is there readies the pool) {
  start();
  auto got = connect_now();
  CAF_REQUIRE(got->granted());
  CAF_CHECK_EQUAL(got->values[0].attempts, 1u);
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  // The probe's own connection is gone.
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
}

CAF_TEST(the minimum is populated as soon as the server is found) {
  config.min_pool_size = 2;
  start();
  connect_now();
  CAF_CHECK_EQUAL(stats().available, 2u);
}

CAF_TEST(the initial phase ends after the configured attempts with the last cause) {
  config.retry.attempts = 3;
  start();
  for (int i = 0; i < 3; ++i)
    driver->script->next_establish(network_failure());
  auto got = connect_now();
  CAF_CHECK_EQUAL(got->count(), 0u);
  pass(1s);
  CAF_CHECK_EQUAL(got->count(), 0u);
  pass(2s);
  CAF_REQUIRE(got->refused(errc::connect_failed));
  CAF_CHECK_EQUAL(describe(got->errors[0]),
                  "connect_failed: Connection refused (after 3 attempts)");
  CAF_CHECK_EQUAL(driver->script->made.load(), 3);
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
}

CAF_TEST(wrong credentials end the initial phase at once) {
  start();
  driver->script->next_establish(
    failure{errc::authentication_failed, spoils::generation, 18, "Authentication failed."});
  CAF_CHECK(connect_now()->refused(errc::authentication_failed));
  CAF_CHECK_EQUAL(driver->script->made.load(), 1);
}

CAF_TEST(a later attempt of the initial phase may succeed) {
  start();
  driver->script->next_establish(network_failure());
  auto got = connect_now();
  pass(1s);
  CAF_REQUIRE(got->granted());
  CAF_CHECK_EQUAL(got->values[0].attempts, 2u);
  CAF_CHECK_EQUAL(stats().errors, 1u);
  CAF_CHECK_EQUAL(stats().last_error, "connect_failed: Connection refused");
}

CAF_TEST(an error that spoils the generation makes the server be looked for again) {
  start();
  connect_now();
  auto held = ask_lease();
  held->values.at(0).mark_failed({errc::connection_lost, spoils::generation, 0, "reset"});
  driver->script->next_establish(network_failure());
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(stats().phase, pool_phase::paused);
  auto refused = ask_lease();
  CAF_REQUIRE(refused->refused(errc::pool_cleared));
  CAF_CHECK_EQUAL(describe(refused->errors[0]),
                  "pool_cleared: Connection pool for fake:27017 was cleared because another "
                  "operation failed with: reset");
  pass(1s);
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  CAF_CHECK_EQUAL(stats().reconnections, 1u);
  CAF_CHECK(ask_lease()->granted());
}

CAF_TEST(a connection that cannot be made does not clear the pool while a probe succeeds) {
  start();
  connect_now();
  auto held = ask_lease();
  driver->script->next_establish(network_failure());
  auto second = ask_lease();
  CAF_CHECK(second->refused(errc::connect_failed));
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  CAF_CHECK(held->values.at(0));
  CAF_CHECK(ask_lease()->granted());
}

CAF_TEST(a server that is gone clears the pool and reconnection goes on without end) {
  config.retry.attempts = 2;
  start();
  connect_now();
  auto held = ask_lease();
  for (int i = 0; i < 10; ++i)
    driver->script->next_establish(network_failure());
  CAF_CHECK(ask_lease()->refused(errc::connect_failed));
  CAF_CHECK_EQUAL(stats().phase, pool_phase::paused);
  CAF_CHECK_EQUAL(stats().generation, 1u);
  for (int i = 0; i < 9; ++i) {
    CAF_CHECK_EQUAL(stats().phase, pool_phase::paused);
    pass(30s);
  }
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  CAF_CHECK_EQUAL(stats().reconnections, 1u);
}

CAF_TEST(an outage is one line for its beginning and one for its end and the clear says why) {
  start();
  connect_now();
  CAF_CHECK(log.empty());
  auto held = ask_lease();
  for (int i = 0; i < 4; ++i)
    driver->script->next_establish(network_failure());
  CAF_CHECK(ask_lease()->refused(errc::connect_failed));
  CAF_CHECK_EQUAL(stats().phase, pool_phase::paused);
  for (int i = 0; i < 4; ++i)
    pass(30s);
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  CAF_REQUIRE_EQUAL(log.size(), 3u);
  CAF_CHECK_EQUAL(log[0], "pool=\"default\" event=establishing_failed"
                          " cause=\"connect_failed: Connection refused\" suppressed=0");
  CAF_CHECK(log[1].starts_with("pool=\"default\" event=ConnectionPoolCleared "));
  CAF_CHECK(log[1].find(" cause=\"Connection refused\"") != std::string::npos);
  CAF_CHECK(log[2].starts_with("pool=\"default\" event=establishing_recovered failures=4 "));
}

CAF_TEST(a start without a server says the first of its failures) {
  config.retry.attempts = 3;
  start();
  for (int i = 0; i < 3; ++i)
    driver->script->next_establish(network_failure());
  auto got = connect_now();
  pass(1s);
  pass(2s);
  CAF_REQUIRE(got->refused(errc::connect_failed));
  CAF_REQUIRE_EQUAL(log.size(), 1u);
  CAF_CHECK(log[0].find("event=establishing_failed") != std::string::npos);
}

CAF_TEST(somebody asked for a clear and the pool comes back by itself) {
  start();
  connect_now();
  caf::anon_send(pool, moor::clear{});
  settle();
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  CAF_CHECK_EQUAL(stats().generation, 1u);
}

CAF_TEST(promise bounds : no more than maxConnecting are established at once) {
  config.max_pool_size = 8;
  config.max_connecting = 2;
  start_ready();
  std::vector<answer_ptr<lease>> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(ask_lease());
  for (const auto& a : all)
    CAF_CHECK(a->granted());
  CAF_CHECK_EQUAL(driver->script->most_open.load(), 8);
}

CAF_TEST_FIXTURE_SCOPE_END()
