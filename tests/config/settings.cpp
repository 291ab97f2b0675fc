#define CAF_SUITE config_settings

#include "moor/config/settings.hpp"

#include <set>
#include <string>

#include <caf/test/unit_test.hpp>

#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"
#include "moor/config/validate.hpp"

using namespace moor;
using namespace std::chrono_literals;

CAF_TEST(production defaults) {
  const auto x = settings_for(profile::production);
  CAF_CHECK(x.profile == profile::production);
  CAF_CHECK_EQUAL(x.max_pool_size, 50U);
  CAF_CHECK_EQUAL(x.min_pool_size, 5U);
  CAF_CHECK(x.max_idle_time == 60s);
  CAF_CHECK(x.wait_queue_timeout == 5s);
  CAF_CHECK(x.keepalive == 60s);
}

CAF_TEST(development defaults) {
  const auto x = settings_for(profile::development);
  CAF_CHECK(x.profile == profile::development);
  CAF_CHECK_EQUAL(x.max_pool_size, 10U);
  CAF_CHECK_EQUAL(x.min_pool_size, 2U);
  CAF_CHECK(x.max_idle_time == 300s);
  CAF_CHECK(x.wait_queue_timeout == 10s);
  CAF_CHECK(x.keepalive == 0s);
}

CAF_TEST(durations that both profiles share) {
  for (const auto which : {profile::production, profile::development}) {
    const auto x = settings_for(which);
    CAF_CHECK(x.connect_timeout == 10s);
    CAF_CHECK(x.socket_timeout == 45s);
    CAF_CHECK(x.server_selection_timeout == 5s);
    CAF_CHECK(x.max_lifetime == 30min);
    CAF_CHECK(x.check_after_idle == 500ms);
    CAF_CHECK(x.retry.first_delay == 1s);
    CAF_CHECK(x.retry.longest_delay == 30s);
    CAF_CHECK(x.statistics_interval == 60s);
    CAF_CHECK_EQUAL(x.restart.most, 10u);
    CAF_CHECK(x.restart.period == 60s);
    CAF_CHECK(x.restart.first_delay == 5ms);
    CAF_CHECK(x.restart.longest_delay == 20ms);
    CAF_CHECK(x.leaks.threshold == 60s);
  }
}

CAF_TEST(other defaults that both profiles share) {
  for (const auto which : {profile::production, profile::development}) {
    const auto x = settings_for(which);
    CAF_CHECK(x.uri.empty());
    CAF_CHECK_EQUAL(x.max_connecting, 2U);
    CAF_CHECK_EQUAL(x.max_lifetime_jitter, 0.1);
    CAF_CHECK_EQUAL(x.wait_queue_limit, 10'000U);
    CAF_CHECK_EQUAL(x.retry.attempts, 5U);
    CAF_CHECK_EQUAL(x.retry.multiplier, 2.0);
    CAF_CHECK_EQUAL(x.retry.jitter, 1.0);
    CAF_CHECK_EQUAL(x.retry.reconnect_share, 0.125);
  }
}

CAF_TEST(defaults of the circuit breakers that both profiles share) {
  for (const auto which : {profile::production, profile::development}) {
    const auto x = settings_for(which).breaker;
    CAF_CHECK(x.mode == breaker_mode::on);
    CAF_CHECK(x.window_type == breaker_window::count);
    CAF_CHECK_EQUAL(x.window_size, 100U);
    CAF_CHECK(x.window_length == 10s);
    CAF_CHECK_EQUAL(x.minimum_calls, 10U);
    CAF_CHECK_EQUAL(x.failure_rate_threshold, 0.5);
    CAF_CHECK(x.slow_call_duration_threshold == 10s);
    CAF_CHECK_EQUAL(x.slow_call_rate_threshold, 1.0);
    CAF_CHECK(x.wait_in_open_state == 1s);
    CAF_CHECK_EQUAL(x.wait_multiplier, 2.0);
    CAF_CHECK(x.longest_wait_in_open_state == 30s);
    CAF_CHECK_EQUAL(x.wait_jitter, 0.5);
    CAF_CHECK_EQUAL(x.permitted_probes, 5U);
    CAF_CHECK(x.probe_deadline == 10s);
  }
}

CAF_TEST(defaults of the health monitor that both profiles share) {
  for (const auto which : {profile::production, profile::development}) {
    const auto x = settings_for(which).health;
    CAF_CHECK(x.interval == 10s);
    CAF_CHECK(x.interval_unhealthy == 500ms);
    CAF_CHECK_EQUAL(x.failures, 3U);
    CAF_CHECK_EQUAL(x.recoveries, 2U);
    CAF_CHECK(x.degraded_round_trip_time == 1s);
    CAF_CHECK_EQUAL(x.degraded_waiting_share, 5.0);
    CAF_CHECK_EQUAL(x.degraded_connections_left, 0.1);
  }
}

CAF_TEST(defaults of retries and slow commands that both profiles share) {
  for (const auto which : {profile::production, profile::development}) {
    const auto x = settings_for(which);
    CAF_CHECK_EQUAL(x.request_retry.budget, 0.2);
    CAF_CHECK(x.request_retry.first_delay == 100ms);
    CAF_CHECK(x.request_retry.longest_delay == 10s);
    CAF_CHECK(x.slow_query_threshold == 100ms);
  }
}

/// What the comments on those defaults say of other settings.
CAF_TEST(defaults of shedding that both profiles share) {
  for (const auto which : {profile::production, profile::development}) {
    const auto x = settings_for(which);
    CAF_CHECK(x.shedding.queue_target == 50ms);
    CAF_CHECK(x.shedding.queue_interval == 2s);
    CAF_CHECK_EQUAL(x.shedding.degraded_queue_share, 0.1);
    CAF_CHECK_EQUAL(x.shedding.critical_reserve, 0.1);
    CAF_CHECK(x.saturation_threshold == 2 * x.shedding.queue_target);
    CAF_CHECK(x.shedding.queue_interval < x.wait_queue_timeout);
  }
}

CAF_TEST(the circuit breakers fit the other defaults) {
  for (const auto which : {profile::production, profile::development}) {
    const auto x = settings_for(which);
    CAF_CHECK(x.breaker.minimum_calls > x.retry.attempts);
    CAF_CHECK(x.breaker.wait_in_open_state < x.wait_queue_timeout);
    CAF_CHECK(x.breaker.slow_call_duration_threshold < x.socket_timeout);
    CAF_CHECK(x.breaker.slow_call_duration_threshold == x.connect_timeout);
    CAF_CHECK(x.breaker.probe_deadline >= x.breaker.slow_call_duration_threshold);
    CAF_CHECK(x.breaker.longest_wait_in_open_state == x.retry.longest_delay);
  }
  CAF_CHECK_EQUAL(settings_for(profile::production).breaker.permitted_probes,
                  settings_for(profile::production).min_pool_size);
}

CAF_TEST(a plain struct is the development profile) {
  const settings plain;
  const auto expected = settings_for(profile::development);
  for (const auto& entry : setting_table())
    CAF_CHECK_EQUAL(std::string{entry.key} + entry.print(plain),
                    std::string{entry.key} + entry.print(expected));
}

CAF_TEST(names in the table are unique) {
  std::set<std::string> seen;
  for (const auto& entry : setting_table()) {
    CAF_CHECK(seen.emplace(entry.key).second);
    CAF_CHECK(seen.emplace(entry.environment).second);
    CAF_CHECK(!entry.meaning.empty());
    CAF_CHECK(!entry.allowed().empty());
    CAF_CHECK(index_of(entry.key).has_value());
  }
  CAF_CHECK(!index_of("MAX-POOL-SIZE"));
}

CAF_TEST(options of connection strings are found without regard to case) {
  for (const auto& entry : setting_table())
    if (!entry.uri_option.empty())
      CAF_CHECK(find_uri_option(to_lower(entry.uri_option)) == &entry);
  CAF_CHECK(find_uri_option("") == nullptr);
  CAF_CHECK(find_uri_option("tls") == nullptr);
}

/// Four variables have the names that deployments know them by; all others are made from the key.
CAF_TEST(variables are named after their settings) {
  std::size_t others = 0;
  for (const auto& entry : setting_table()) {
    std::string derived = "MOOR_";
    for (const char c : entry.key)
      derived += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
    others += entry.environment == derived ? 0 : 1;
  }
  CAF_CHECK_EQUAL(others, 4U);
  CAF_CHECK_EQUAL(setting_table()[index_of("uri").value()].environment, "MONGODB_URI");
  CAF_CHECK_EQUAL(setting_table()[index_of("uri-file").value()].environment, "MONGODB_URI_FILE");
  CAF_CHECK_EQUAL(setting_table()[index_of("max-pool-size").value()].environment, "DB_POOL_SIZE");
  CAF_CHECK_EQUAL(setting_table()[index_of("min-pool-size").value()].environment,
                  "DB_MIN_POOL_SIZE");
}

CAF_TEST(every printed default is read back and accepted) {
  for (const auto which : {profile::production, profile::development}) {
    auto x = settings_for(which);
    x.uri = "mongodb://u:p@db/?tls=true";
    CAF_CHECK(validate(x).empty());
    for (const auto& entry : setting_table()) {
      settings copy;
      CAF_CHECK_EQUAL(entry.assign(copy, entry.print(x)), "");
      CAF_CHECK_EQUAL(entry.print(copy), entry.print(x));
    }
  }
}

CAF_TEST(a mistyped name is recognised) {
  CAF_CHECK_EQUAL(nearest_name(source::file, "max-pol-size"), "max-pool-size");
  CAF_CHECK_EQUAL(nearest_name(source::file, "max_pool_size"), "max-pool-size");
  CAF_CHECK_EQUAL(nearest_name(source::file, "url"), "uri");
  CAF_CHECK_EQUAL(nearest_name(source::file, "lifetime"), "max-lifetime");
  CAF_CHECK_EQUAL(nearest_name(source::file, "colour"), "");
  CAF_CHECK_EQUAL(nearest_name(source::command_line, "keep-alive"), "--moor.keepalive");
  CAF_CHECK_EQUAL(nearest_name(source::environment, "MOOR_MAX_POOL_SIZE"), "DB_POOL_SIZE");
  CAF_CHECK_EQUAL(nearest_name(source::environment, "MOOR_POOL_SIZE"), "DB_POOL_SIZE");
  CAF_CHECK_EQUAL(nearest_name(source::environment, "MOOR_MAX_IDEL_TIME"), "MOOR_MAX_IDLE_TIME");
  CAF_CHECK_EQUAL(nearest_name(source::environment, "MOOR_URI"), "MONGODB_URI");
  for (const char* other : {"MOOR_HOME", "MOOR_BUILD_DIR", "MOOR_TEST_URI", "MOOR_DEMO", "MOOR_"})
    CAF_CHECK_EQUAL(nearest_name(source::environment, other), "");
}
