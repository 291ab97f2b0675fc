// What becomes of a snapshot in a Prometheus registry. No actor.
#define CAF_SUITE metrics

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "actors/metrics_rig.hpp"
#include "moor/actors/metrics.hpp"
#include "moor/machines/operation_book.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;
using moor::actors::metrics;

namespace {

const std::string duration_metric = "db_client_operation_duration_seconds";

class registry_rig {
public:
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::optional<metrics> shown{std::in_place, registry, "orders"};
  pool_snapshot now = full_snapshot("orders");

  void update() { shown->update(now); }

  double value(const std::string& metric, prometheus::Labels labels = {}) const {
    labels["pool"] = "orders";
    return value_of(*registry, metric, labels).value_or(std::numeric_limits<double>::quiet_NaN());
  }
  double otel(const std::string& metric, prometheus::Labels labels = {}) const {
    labels["db_client_connection_pool_name"] = "orders";
    labels["db_system_name"] = "mongodb";
    return value_of(*registry, metric, labels).value_or(std::numeric_limits<double>::quiet_NaN());
  }
  double operations(const std::string& name, const std::string& outcome = "success") const {
    return otel(duration_metric, {{"db_operation_name", name}, {"outcome", outcome}});
  }
  bool has(const std::string& metric) const { return series_of(*registry, metric) > 0; }
};

operation_figures operation(std::string name, std::uint64_t count) {
  return {std::move(name), times(count, 10ms), {}, 0};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_tests, registry_rig)

CAF_TEST(connections have the names of OpenTelemetry) {
  update();
  CAF_CHECK_EQUAL(otel("db_client_connection_count", {{"state", "idle"}}), 3); // one is checked
  CAF_CHECK_EQUAL(otel("db_client_connection_count", {{"state", "used"}}), 3);
  CAF_CHECK_EQUAL(otel("db_client_connection_max"), 10);
  CAF_CHECK_EQUAL(otel("db_client_connection_idle_max"), 10);
  CAF_CHECK_EQUAL(otel("db_client_connection_idle_min"), 2);
  CAF_CHECK_EQUAL(otel("db_client_connection_pending_requests"), 4);
  CAF_CHECK_EQUAL(otel("db_client_connection_timeouts_total"), 5);
  CAF_CHECK_EQUAL(otel("db_client_connection_create_time_seconds"), 10);
  CAF_CHECK_EQUAL(otel("db_client_connection_wait_time_seconds"), 100);
  CAF_CHECK_EQUAL(otel("db_client_connection_use_time_seconds"), 98);
  CAF_CHECK_EQUAL(operations("find_order"), 80);
  CAF_CHECK_EQUAL(operations("find_order", "error"), 2);
}

CAF_TEST(a histogram is in seconds and its classes are those of the figures) {
  update();
  const auto text = scrape(*registry);
  const auto has = [&](const std::string& line) { return text.find(line) != std::string::npos; };
  const std::string of = "{db_client_connection_pool_name=\"orders\",db_system_name=\"mongodb\"";
  CAF_CHECK(has("db_client_connection_create_time_seconds_bucket" + of + ",le=\"0.01\"} 0\n"));
  CAF_CHECK(has("db_client_connection_create_time_seconds_bucket" + of + ",le=\"0.025\"} 10\n"));
  CAF_CHECK(has("db_client_connection_create_time_seconds_bucket" + of + ",le=\"+Inf\"} 10\n"));
  CAF_CHECK(has("db_client_connection_create_time_seconds_sum" + of + "} 0.2"));
  CAF_CHECK(has("le=\"0.0005\""));
}

CAF_TEST(states are one where they hold and zero elsewhere) {
  update();
  CAF_CHECK_EQUAL(value("moor_pool_state", {{"state", "ready"}}), 1);
  CAF_CHECK_EQUAL(value("moor_pool_state", {{"state", "paused"}}), 0);
  CAF_CHECK_EQUAL(value("moor_health_state", {{"state", "degraded"}}), 1);
  CAF_CHECK_EQUAL(value("moor_health_state", {{"state", "healthy"}}), 0);
  const auto breaker = [&](const char* scope, const char* state) {
    return value("moor_breaker_state", {{"scope", scope}, {"state", state}});
  };
  CAF_CHECK_EQUAL(breaker("operations", "half_open"), 1);
  CAF_CHECK_EQUAL(breaker("operations", "closed"), 0);
  CAF_CHECK_EQUAL(breaker("establishing", "closed"), 1);
  now.view.stats.phase = pool_phase::paused;
  update();
  CAF_CHECK_EQUAL(value("moor_pool_state", {{"state", "ready"}}), 0);
  CAF_CHECK_EQUAL(value("moor_pool_state", {{"state", "paused"}}), 1);
}

CAF_TEST(the figures moor adds are labelled by the pool) {
  update();
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  CAF_CHECK_EQUAL(value("moor_metrics_last_look_timestamp_seconds"), 1'700'000'100.25);
  CAF_CHECK_EQUAL(value("moor_pool_generation"), 3);
  CAF_CHECK_EQUAL(value("moor_wait_queue_oldest_wait_seconds"), 0.25);
  CAF_CHECK_EQUAL(value("moor_last_error_timestamp_seconds"), 1'700'000'000.5);
  CAF_CHECK_EQUAL(value("moor_connections_closed_total", {{"reason", "stale"}}), 4);
  CAF_CHECK_EQUAL(value("moor_connections_closed_total", {{"reason", "pool_closed"}}), 0);
  CAF_CHECK_EQUAL(value("moor_check_outs_total", {{"outcome", "granted"}}), 100);
  CAF_CHECK_EQUAL(value("moor_check_outs_total", {{"outcome", "queue_full"}}), 2);
  CAF_CHECK_EQUAL(value("moor_requests_shed_total", {{"rule", "overload"}}), 2);
  CAF_CHECK_EQUAL(value("moor_borrower_turns_total", {{"place", "loop"}}), 70);
  CAF_CHECK_EQUAL(value("moor_borrower_turns_total", {{"place", "scheduler"}}), 3);
  CAF_CHECK_EQUAL(value("moor_breaker_refused_total", {{"scope", "operations"}}), 9);
  CAF_CHECK_EQUAL(value("moor_health_checks_total", {{"outcome", "answered"}}), 19);
  CAF_CHECK_EQUAL(value("moor_restarts_total", {{"part", "connector"}}), 2);
  CAF_CHECK_EQUAL(value("moor_establish_failures_total", {{"cause", "tls_expired"}}), 3);
  CAF_CHECK_EQUAL(value("moor_establish_failures_total", {{"cause", "credentials"}}), 0);
  CAF_CHECK_EQUAL(value("moor_config_generation"), 6);
  CAF_CHECK_EQUAL(value("moor_reloads_total", {{"outcome", "applied"}}), 5);
  CAF_CHECK_EQUAL(value("moor_reloads_total", {{"outcome", "unchanged"}}), 4);
  CAF_CHECK_EQUAL(value("moor_reloads_total", {{"outcome", "invalid"}}), 3);
  CAF_CHECK_EQUAL(value("moor_reloads_total", {{"outcome", "unreachable"}}), 2);
  CAF_CHECK_EQUAL(value("moor_reloads_total", {{"outcome", "refused"}}), 1);
  CAF_CHECK_EQUAL(value("moor_part_up", {{"part", "connector"}}), 0);
  CAF_CHECK_EQUAL(value("moor_inbox_messages", {{"part", "pool supervisor"}}), 5);
  CAF_CHECK_EQUAL(value("moor_leaks_out"), 1);
  CAF_CHECK_EQUAL(value("moor_slow_commands_total", {{"operation", "find_order"}}), 2);
  CAF_CHECK_EQUAL(series_of(*registry, "moor_build_info"), 1u);
}

CAF_TEST(counters follow their totals and never go back) {
  update();
  now.view.stats.granted = 150;
  update();
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 150);
  now.view = {}; // as if somebody began again
  now.view.operations.operations = {operation("find_order", 1)};
  update();
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 150);
  CAF_CHECK_EQUAL(otel("db_client_connection_use_time_seconds"), 98);
  CAF_CHECK_EQUAL(operations("find_order"), 80);
}

CAF_TEST(a new pool of the same name goes on from what the counters had) {
  update();
  shown.reset();
  shown.emplace(registry, "orders");
  now.view.stats.granted = 7;
  now.view.use_time = times(2, 1ms);
  update();
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 107);
  CAF_CHECK_EQUAL(otel("db_client_connection_use_time_seconds"), 100);
  CAF_CHECK_EQUAL(operations("find_order"), 160);
}

CAF_TEST(the gauges of a pool go with it and its counters stay) {
  update();
  shown.reset();
  CAF_CHECK(!has("moor_pool_up"));
  CAF_CHECK(!has("moor_pool_state"));
  CAF_CHECK(!has("db_client_connection_count"));
  CAF_CHECK(!has("moor_inbox_messages"));
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 100);
}

CAF_TEST(of pools that ended the latest keep their counters and the others nothing) {
  const auto end_others = [this](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      metrics{registry, "tenant" + std::to_string(i)}.update(full_snapshot("tenant"));
  };
  update();
  shown.reset();
  end_others(actors::most_ended_pools - 1);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 100);
  shown.emplace(registry, "orders"); // goes on, and is none of those that ended
  now.view.stats.granted = 7;
  update();
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 107);
  end_others(actors::most_ended_pools);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 107);
  shown.reset();
  end_others(actors::most_ended_pools);
  CAF_CHECK(std::isnan(value("moor_leases_granted_total")));
  CAF_CHECK(std::isnan(otel("db_client_connection_use_time_seconds")));
  CAF_CHECK(std::isnan(operations("find_order")));
  shown.emplace(registry, "orders");
  update();
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 7);
}

CAF_TEST(a pool for each tenant does not make the registry grow without end) {
  const auto lines = [this] {
    const auto text = scrape(*registry);
    return std::count(text.begin(), text.end(), '\n');
  };
  std::vector<std::ptrdiff_t> sizes;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < actors::most_ended_pools; ++i)
      metrics{registry, "tenant" + std::to_string(1'000 * round) + std::to_string(i)}.update(now);
    sizes.push_back(lines());
  }
  CAF_CHECK(sizes[0] > 0);
  CAF_CHECK_EQUAL(sizes[1], sizes[0]);
  CAF_CHECK_EQUAL(sizes[2], sizes[0]);
}

CAF_TEST(a registry that takes the place of another one finds nothing of it) {
  update();
  shown.reset();
  alignas(prometheus::Registry) std::array<std::byte, sizeof(prometheus::Registry)> place{};
  const auto make = [&] { // at the same address each time
    return std::shared_ptr<prometheus::Registry>{new (place.data()) prometheus::Registry,
                                                 [](auto* gone) { std::destroy_at(gone); }};
  };
  for (int i = 0; i < 2; ++i) {
    registry = make();
    shown.emplace(registry, "orders");
    update();
    CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 100);
    shown.reset();
    registry.reset();
  }
}

CAF_TEST(a pool that ends leaves the gauges of another one of its name) {
  update();
  std::optional<metrics> successor{std::in_place, registry, "orders"};
  now.view.stats.generation = 8;
  successor->update(now);
  shown.reset();
  CAF_CHECK_EQUAL(value("moor_pool_generation"), 8);
  now.health.server.connections_current = {};
  successor->update(now);
  CAF_CHECK(!has("moor_server_connections_current"));
  successor.reset();
  CAF_CHECK(!has("moor_pool_generation"));
}

CAF_TEST(two pools in one registry do not meet) {
  update();
  metrics other{registry, "stock"};
  auto its = full_snapshot("stock");
  its.view.stats.granted = 1;
  its.pool_answers = false;
  other.update(its);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 100);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  CAF_CHECK_EQUAL(value_of(*registry, "moor_leases_granted_total", {{"pool", "stock"}}).value_or(0),
                  1);
  CAF_CHECK_EQUAL(value_of(*registry, "moor_pool_up", {{"pool", "stock"}}).value_or(1), 0);
  shown.reset();
  CAF_CHECK_EQUAL(series_of(*registry, "moor_pool_up"), 1u);
  CAF_CHECK_EQUAL(series_of(*registry, "moor_build_info"), 1u);
}

CAF_TEST(what the server does not say has no series) {
  now.health.server = {};
  now.health.round_trip_mean = 0s;
  now.view.stats.last_error_unix_ms = 0;
  update();
  CAF_CHECK(!has("moor_server_connections_current"));
  CAF_CHECK(!has("moor_server_connections_available"));
  CAF_CHECK(!has("moor_server_connections_created_total"));
  CAF_CHECK(!has("moor_server_round_trip_seconds"));
  CAF_CHECK(!has("moor_last_error_timestamp_seconds"));
  now.health.server.connections_current = {true, 3};
  update();
  CAF_CHECK_EQUAL(value("moor_server_connections_current"), 3);
  now.health.server.connections_current = {};
  update();
  CAF_CHECK(!has("moor_server_connections_current"));
}

CAF_TEST(connections the server took are counted over its restarts) {
  const auto created = [&](std::int64_t total) {
    now.health.server.connections_total_created = {true, total};
    update();
    return value("moor_server_connections_created_total");
  };
  CAF_CHECK_EQUAL(created(1000), 0); // before this pool's time
  CAF_CHECK_EQUAL(created(1010), 10);
  CAF_CHECK_EQUAL(created(4), 14); // it restarted
  CAF_CHECK_EQUAL(created(5), 15);
}

CAF_TEST(operations beyond the limit of names are counted together) {
  auto& all = now.view.operations.operations;
  all.clear();
  for (int i = 0; i < 60; ++i)
    all.push_back(operation("op" + std::to_string(i), 100u - static_cast<unsigned>(i)));
  all.push_back(operation(std::string{machines::operation_book::others}, 3));
  update();
  CAF_CHECK_EQUAL(series_of(*registry, duration_metric), 2 * 51u);
  CAF_CHECK_EQUAL(series_of(*registry, "moor_slow_commands_total"), 51u);
  CAF_CHECK_EQUAL(operations("op49"), 51);
  const double shared = 50 + 49 + 48 + 47 + 46 + 45 + 44 + 43 + 42 + 41 + 3;
  CAF_CHECK_EQUAL(operations("other"), shared);
  // The last becomes the first, and a new one comes: those that have series keep them.
  std::rotate(all.begin(), all.begin() + 59, all.end());
  all.front() = operation("op59", 1000);
  all.push_back(operation("new", 5));
  update();
  CAF_CHECK_EQUAL(series_of(*registry, duration_metric), 2 * 51u);
  CAF_CHECK_EQUAL(operations("op49"), 51);
  CAF_CHECK_EQUAL(operations("other"), shared + 1000 - 41 + 5);
}

CAF_TEST(a name that is not shown for a time is not counted twice) {
  update();
  auto& all = now.view.operations.operations;
  const auto kept = all;
  all.clear();
  update();
  all = kept;
  update();
  CAF_CHECK_EQUAL(operations("find_order"), 80);
}

CAF_TEST(names of backends are made fit for labels) {
  using actors::label_value;
  CAF_CHECK_EQUAL(label_value("find \"order\"\\"), "find \"order\"\\");
  CAF_CHECK_EQUAL(label_value("größe"), "größe");
  CAF_CHECK_EQUAL(label_value("a\xff\xc3(b\n"), "a??"
                                                "(b?");
  CAF_CHECK_EQUAL(label_value("\xed\xa0\x80"), "???"); // a surrogate
  CAF_CHECK_EQUAL(label_value(std::string(127, 'x') + "ß"), std::string(127, 'x'));
  CAF_CHECK_EQUAL(label_value(std::string(300, '\xff')), std::string(128, '?'));
  CAF_CHECK_EQUAL(label_value(""), "");
}

CAF_TEST(scrapes and pools that come and go do not disturb each other) {
  std::atomic<bool> over{false};
  std::thread scraper{[&] {
    while (!over)
      scrape(*registry);
  }};
  std::thread namesake{[&] {
    for (int i = 0; i < 200; ++i)
      metrics{registry, "orders"}.update(now);
  }};
  for (int i = 0; i < 200; ++i) {
    shown.emplace(registry, "orders");
    update();
  }
  namesake.join();
  over = true;
  scraper.join();
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
}

/// For the checks of names, dashboards and documentation, which are no C++.
CAF_TEST(a full scrape is left for other tests) {
  update();
  std::filesystem::create_directories(MOOR_ARTIFACTS_DIR);
  std::ofstream{MOOR_ARTIFACTS_DIR "/metrics.txt"} << scrape(*registry);
  CAF_CHECK(std::filesystem::file_size(MOOR_ARTIFACTS_DIR "/metrics.txt") > 1000);
}

CAF_TEST_FIXTURE_SCOPE_END()
