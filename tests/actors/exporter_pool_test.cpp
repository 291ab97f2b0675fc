// The metrics of a real pool, whose actors may die.
#define CAF_SUITE metrics_of_a_pool

#include "actors/metrics_rig.hpp"
#include "actors/rig.hpp"
#include "moor/actors/exporter.hpp"

using namespace moor;
using namespace moor::test;

namespace {

class exported_pool_rig : public pool_rig {
public:
  ~exported_pool_rig() override { end_exporter(); }

  void start_exported() {
    start_ready();
    exporter = actors::make_exporter(sys, {.config = config, .registry = registry}, pool);
    exporter_now = exporter.supervised->start(false);
    settle();
    pass(0s);
  }
  void end_exporter() {
    if (!exporter.supervised)
      return;
    caf::anon_send_exit(exporter_now, caf::exit_reason::user_shutdown);
    settle();
    exporter.supervised->end(make_error(errc::stopped));
    exporter.supervised.reset();
    exporter_now = nullptr;
  }

  double value(const std::string& metric, prometheus::Labels labels = {}) const {
    labels["pool"] = config.name;
    return value_of(*registry, metric, labels).value_or(-1);
  }

  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  actors::exporter_part exporter;
  caf::actor exporter_now;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_of_a_pool_tests, exported_pool_rig)

CAF_TEST(a lease is seen in the metrics) {
  start_exported();
  CAF_CHECK_EQUAL(value("moor_pool_state", {{"state", "ready"}}), 1);
  const auto held = ask_lease();
  CAF_REQUIRE(held->granted());
  pass(1s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 1);
  CAF_CHECK_EQUAL(value("moor_leases_out"), 1);
  CAF_CHECK_EQUAL(value("moor_connections", {{"state", "in_use"}}), 1);
  CAF_CHECK_EQUAL(value("moor_establish_attempts_total"), 1);
  CAF_CHECK_EQUAL(value("moor_breaker_state", {{"scope", "establishing"}, {"state", "closed"}}), 1);
  held->values.clear();
  settle();
  pass(1s);
  CAF_CHECK_EQUAL(value("moor_leases_returned_total"), 1);
  CAF_CHECK_EQUAL(value("moor_leases_out"), 0);
}

CAF_TEST(a pool supervisor that is restarted in time was never away) {
  start_exported();
  CAF_REQUIRE(ask_command(small_document)->granted());
  kill_pool();
  pass(1s);
  start_pool();
  settle();
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 1);
}

CAF_TEST(a pool supervisor that is away for too long is down until it is back) {
  start_exported();
  CAF_REQUIRE(ask_command(small_document)->granted());
  pass(1s);
  kill_pool();
  pass(1s);
  pass(2s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 0);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 1);
  start_pool();
  settle();
  pass(1s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 1);
}

CAF_TEST(a pool that was closed says so as long as it is there) {
  start_exported();
  caf::anon_send(pool, close_pool{});
  settle();
  pass(1s);
  CAF_CHECK_EQUAL(value("moor_pool_state", {{"state", "closed"}}), 1);
  CAF_CHECK_EQUAL(value("moor_pool_state", {{"state", "ready"}}), 0);
  end_exporter();
  CAF_CHECK_EQUAL(series_of(*registry, "moor_pool_state"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
