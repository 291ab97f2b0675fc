#define CAF_SUITE config_validate

#include "moor/config/validate.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/config/setting_table.hpp"

using namespace moor;
using namespace std::chrono_literals;

namespace {

settings good() {
  settings x;
  x.uri = "mongodb://alice:secret@db";
  return x;
}

struct violation {
  std::function<void(settings&)> commit;
  std::string expected;
};

/// One line per finding.
std::string judged(const settings& x) {
  std::string result;
  for (const auto& one : validate(x))
    result += to_string(one) + "\n";
  return result;
}

void check_all(const std::vector<violation>& violations) {
  for (const auto& [commit, expected] : violations) {
    auto x = good();
    commit(x);
    CAF_CHECK_EQUAL(judged(x), expected + "\n");
  }
}

const std::string code = " (the program's code) ";
const std::string span_rule
  = "allowed is a duration from 1ms to 8760h, such as 250ms, 5s, 30min or 1h.";
const std::string zero_rule
  = "allowed is 0 or a duration from 1ms to 8760h, such as 250ms, 5s, 30min or 1h.";
const std::string driver_rule
  = "allowed is a duration from 1ms to 576h, such as 250ms, 5s, 30min or 1h.";
const std::string share_rule = "allowed is a number from 0 to 1, or from 0% to 100%.";

} // namespace

CAF_TEST(what can be used has no finding) {
  CAF_CHECK_EQUAL(judged(good()), "");
}

CAF_TEST(texts) {
  const std::string uri_rule
    = "; allowed is a connection string such as mongodb://user:password@host:27017/?replicaSet=rs0.";
  const std::string name_rule = "; allowed is 1 to 10 letters, digits or underscores.";
  const std::string app_rule
    = "; allowed is at most 128 bytes of UTF-8 without control characters.";
  check_all({
    {[](settings& x) { x.uri.clear(); }, "uri = \"\"" + code + "is empty" + uri_rule},
    {[](settings& x) { x.uri = "mongodb://u:secret@db:0"; },
     "uri = \"mongodb://***\"" + code
       + "is malformed (host 1, byte 22: the port must be a whole number from 1 to 65535; a ':', '/' "
         "or '?' in a user name or password must be percent-encoded)"
       + uri_rule},
    {[](settings& x) { x.name.clear(); }, "name = \"\"" + code + "is empty" + name_rule},
    {[](settings& x) { x.name = "elevenchars"; },
     "name = \"elevenchars\"" + code + "is too long" + name_rule},
    {[](settings& x) { x.name = "a-b"; },
     "name = \"a-b\"" + code + "holds another character" + name_rule},
    {[](settings& x) { x.app_name = std::string(129, 'x'); },
     "app-name = \"" + std::string(80, 'x') + "…\"" + code + "is too long" + app_rule},
    {[](settings& x) { x.app_name = "a\nb"; },
     R"(app-name = "a\x0Ab")" + code + "holds a control character or is not UTF-8" + app_rule},
    {[](settings& x) { x.app_name = "\xFF"; },
     R"(app-name = "\xFF")" + code + "holds a control character or is not UTF-8" + app_rule},
    {[](settings& x) { x.profile = static_cast<profile>(7); },
     "profile = \"unknown\"" + code + "is no profile; allowed is production or development."},
    {[](settings& x) { x.breaker.mode = static_cast<breaker_mode>(7); },
     "breaker-mode = \"unknown\"" + code
       + "is no mode of a circuit breaker; allowed is on, disabled or forced_open."},
    {[](settings& x) { x.breaker.window_type = static_cast<breaker_window>(7); },
     "breaker-window-type = \"unknown\"" + code
       + "is no window of a circuit breaker; allowed is count or time."},
  });
  auto x = good();
  x.app_name = std::string(128, 'x');
  x.name = "Ten_chars9";
  CAF_CHECK_EQUAL(judged(x), "");
}

CAF_TEST(counts) {
  const auto rule = [](const char* range) {
    return "; allowed is a whole number from " + std::string{range} + ".";
  };
  check_all({
    {[](settings& x) { x.max_pool_size = 0; },
     "max-pool-size = \"0\"" + code + "is too small" + rule("1 to 10000")},
    {[](settings& x) { x.max_pool_size = 10'001; },
     "max-pool-size = \"10001\"" + code + "is too large" + rule("1 to 10000")},
    {[](settings& x) { x.min_pool_size = 10'001; },
     "min-pool-size = \"10001\"" + code + "is too large" + rule("0 to 10000")},
    {[](settings& x) { x.max_connecting = 0; },
     "max-connecting = \"0\"" + code + "is too small" + rule("1 to 1000")},
    {[](settings& x) { x.max_connecting = 1'001; },
     "max-connecting = \"1001\"" + code + "is too large" + rule("1 to 1000")},
    {[](settings& x) { x.wait_queue_limit = 0; },
     "wait-queue-limit = \"0\"" + code + "is too small" + rule("1 to 1000000")},
    {[](settings& x) { x.wait_queue_limit = 1'000'001; },
     "wait-queue-limit = \"1000001\"" + code + "is too large" + rule("1 to 1000000")},
    {[](settings& x) { x.retry.attempts = 0; },
     "retry-attempts = \"0\"" + code + "is too small" + rule("1 to 10000")},
    {[](settings& x) { x.retry.attempts = 10'001; },
     "retry-attempts = \"10001\"" + code + "is too large" + rule("1 to 10000")},
    {[](settings& x) { x.breaker.window_size = 0; },
     "breaker-window-size = \"0\"" + code + "is too small" + rule("1 to 100000")},
    {[](settings& x) { x.breaker.window_size = 100'001; },
     "breaker-window-size = \"100001\"" + code + "is too large" + rule("1 to 100000")},
    {[](settings& x) { x.breaker.minimum_calls = 0; },
     "breaker-minimum-calls = \"0\"" + code + "is too small" + rule("1 to 100000")},
    {[](settings& x) { x.breaker.minimum_calls = 100'001; },
     "breaker-minimum-calls = \"100001\"" + code + "is too large" + rule("1 to 100000")},
    {[](settings& x) { x.breaker.permitted_probes = 0; },
     "breaker-permitted-probes = \"0\"" + code + "is too small" + rule("1 to 1000")},
    {[](settings& x) { x.breaker.permitted_probes = 1'001; },
     "breaker-permitted-probes = \"1001\"" + code + "is too large" + rule("1 to 1000")},
    {[](settings& x) { x.health.failures = 0; },
     "health-failures = \"0\"" + code + "is too small" + rule("1 to 1000")},
    {[](settings& x) { x.leaks.revoke_limit = 0; },
     "leak-revoke-limit = \"0\"" + code + "is too small" + rule("1 to 10000")},
    {[](settings& x) { x.endpoint.max_connections = 1'001; },
     "http-max-connections = \"1001\"" + code + "is too large" + rule("1 to 1000")},
    {[](settings& x) { x.health.recoveries = 1'001; },
     "health-recoveries = \"1001\"" + code + "is too large" + rule("1 to 1000")},
  });
}

CAF_TEST(where the endpoint listens) {
  const auto allowed
    = "; allowed is an address with a port, 127.0.0.1:9464 or [::1]:9464 for instance, or none.\n";
  const auto listening_at = [](const char* where) {
    auto x = good();
    x.endpoint.listen = where;
    x.endpoint.user = "visitor";
    x.endpoint.password_file = "/run/secrets/visitor";
    x.endpoint.certificate_file = "/etc/moor/site.pem";
    return judged(x);
  };
  for (const auto* well : {"", "127.0.0.1:9464", "0.0.0.0:0", "[::1]:65535"})
    CAF_CHECK_EQUAL(listening_at(well), "");
  const auto problem_of = [&](const char* where, const char* problem) {
    CAF_CHECK_EQUAL(listening_at(where),
                    "http-listen = \"" + std::string{where} + "\"" + code + problem + allowed);
  };
  problem_of("9464", "is no address with a port");
  problem_of(":9464", "is no address with a port");
  problem_of("127.0.0.1:", "has no port from 0 to 65535");
  problem_of("127.0.0.1:65536", "has no port from 0 to 65535");
  problem_of("::1:80", "holds no IPv4 address, nor an IPv6 address in brackets");
  problem_of("a b:80", "holds no IPv4 address, nor an IPv6 address in brackets");
}

/// Every duration at once: below zero, between 0 and 1 ms, above its bound; and 0 where that is no
/// value.
CAF_TEST(durations) {
  struct span_field {
    const char* key;
    std::function<duration&(settings&)> at;
    const std::string* rule;
  };
  const std::string queue_rule = "allowed is a duration from 10ms to 8760h, such as 250ms, 5s, "
                                 "30min or 1h.";
  const std::vector<span_field> fields{
    {"max-idle-time", [](settings& x) -> duration& { return x.max_idle_time; }, &zero_rule},
    {"wait-queue-timeout", [](settings& x) -> duration& { return x.wait_queue_timeout; },
     &span_rule},
    {"connect-timeout", [](settings& x) -> duration& { return x.connect_timeout; }, &driver_rule},
    {"socket-timeout", [](settings& x) -> duration& { return x.socket_timeout; }, &driver_rule},
    {"server-selection-timeout",
     [](settings& x) -> duration& { return x.server_selection_timeout; }, &driver_rule},
    {"max-lifetime", [](settings& x) -> duration& { return x.max_lifetime; }, &zero_rule},
    {"rotation-period", [](settings& x) -> duration& { return x.rotation_period; }, &span_rule},
    {"check-after-idle", [](settings& x) -> duration& { return x.check_after_idle; }, &zero_rule},
    {"keepalive", [](settings& x) -> duration& { return x.keepalive; }, &zero_rule},
    {"retry-first-delay", [](settings& x) -> duration& { return x.retry.first_delay; }, &span_rule},
    {"retry-longest-delay", [](settings& x) -> duration& { return x.retry.longest_delay; },
     &span_rule},
    {"restart-period", [](settings& x) -> duration& { return x.restart.period; }, &span_rule},
    {"restart-first-delay", [](settings& x) -> duration& { return x.restart.first_delay; },
     &span_rule},
    {"restart-longest-delay", [](settings& x) -> duration& { return x.restart.longest_delay; },
     &span_rule},
    {"breaker-window-length", [](settings& x) -> duration& { return x.breaker.window_length; },
     &span_rule},
    {"breaker-slow-call-duration-threshold",
     [](settings& x) -> duration& { return x.breaker.slow_call_duration_threshold; }, &zero_rule},
    {"breaker-wait-in-open-state",
     [](settings& x) -> duration& { return x.breaker.wait_in_open_state; }, &span_rule},
    {"breaker-longest-wait-in-open-state",
     [](settings& x) -> duration& { return x.breaker.longest_wait_in_open_state; }, &span_rule},
    {"breaker-probe-deadline", [](settings& x) -> duration& { return x.breaker.probe_deadline; },
     &span_rule},
    {"queue-target", [](settings& x) -> duration& { return x.shedding.queue_target; }, &zero_rule},
    {"queue-interval", [](settings& x) -> duration& { return x.shedding.queue_interval; },
     &queue_rule},
    {"saturation-threshold", [](settings& x) -> duration& { return x.saturation_threshold; },
     &zero_rule},
    {"health-interval", [](settings& x) -> duration& { return x.health.interval; }, &zero_rule},
    {"health-interval-unhealthy",
     [](settings& x) -> duration& { return x.health.interval_unhealthy; }, &span_rule},
    {"degraded-round-trip-time",
     [](settings& x) -> duration& { return x.health.degraded_round_trip_time; }, &zero_rule},
    {"statistics-interval", [](settings& x) -> duration& { return x.statistics_interval; },
     &zero_rule},
    {"request-retry-first-delay",
     [](settings& x) -> duration& { return x.request_retry.first_delay; }, &span_rule},
    {"request-retry-longest-delay",
     [](settings& x) -> duration& { return x.request_retry.longest_delay; }, &span_rule},
    {"slow-query-threshold", [](settings& x) -> duration& { return x.slow_query_threshold; },
     &zero_rule},
    {"leak-threshold", [](settings& x) -> duration& { return x.leaks.threshold; }, &zero_rule},
    {"leak-scan-interval", [](settings& x) -> duration& { return x.leaks.scan_interval; },
     &queue_rule},
    {"leak-grace", [](settings& x) -> duration& { return x.leaks.grace; }, &span_rule},
    {"metrics-interval", [](settings& x) -> duration& { return x.metrics_interval; }, &zero_rule},
  };
  std::size_t of_the_table = 0;
  for (const auto& entry : setting_table())
    of_the_table += entry.kind == setting_kind::time ? 1 : 0;
  CAF_CHECK_EQUAL(fields.size(), of_the_table);
  for (const auto& [key, at, rule] : fields) {
    const auto with = [&at = at](duration span) {
      auto x = good();
      at(x) = span;
      return judged(x);
    };
    const auto sentence = [&, &name = key, &allowed = rule](const char* value,
                                                            const char* problem) {
      return std::string{name} + " = \"" + value + "\"" + code + problem + "; " + *allowed + "\n";
    };
    CAF_CHECK_EQUAL(with(-1s), sentence("-1s", "is negative"));
    CAF_CHECK_EQUAL(with(duration::min()), sentence("-9223372036854775808ns", "is negative"));
    CAF_CHECK_EQUAL(with(1us), sentence("1us", "is too small"));
    CAF_CHECK_EQUAL(with(duration::max()), sentence("9223372036854775807ns", "is too large"));
    CAF_CHECK_EQUAL(with(0ns), rule == &zero_rule ? "" : sentence("0", "is too small"));
  }
}

CAF_TEST(numbers and fractions) {
  const std::string factor_rule = "; allowed is a number from 1 to 1000.";
  const auto nan = std::nan("");
  const auto inf = std::numeric_limits<double>::infinity();
  check_all({
    {[](settings& x) { x.retry.multiplier = 0.5; },
     "retry-multiplier = \"0.5\"" + code + "is too small" + factor_rule},
    {[](settings& x) { x.retry.multiplier = 1001; },
     "retry-multiplier = \"1001\"" + code + "is too large" + factor_rule},
    {[=](settings& x) { x.retry.multiplier = inf; },
     "retry-multiplier = \"inf\"" + code + "is not finite" + factor_rule},
    {[=](settings& x) { x.retry.multiplier = nan; },
     "retry-multiplier = \"nan\"" + code + "is not finite" + factor_rule},
    {[](settings& x) { x.retry.jitter = -0.1; },
     "retry-jitter = \"-0.1\"" + code + "is too small; " + share_rule},
    {[](settings& x) { x.retry.jitter = 1.5; },
     "retry-jitter = \"1.5\"" + code + "is too large; " + share_rule},
    {[=](settings& x) { x.retry.jitter = nan; },
     "retry-jitter = \"nan\"" + code + "is not finite; " + share_rule},
    {[](settings& x) { x.max_lifetime_jitter = -1; },
     "max-lifetime-jitter = \"-1\"" + code + "is too small; " + share_rule},
    {[](settings& x) { x.max_lifetime_jitter = 2; },
     "max-lifetime-jitter = \"2\"" + code + "is too large; " + share_rule},
  });
}

CAF_TEST(thresholds of degraded health) {
  const auto nan = std::nan("");
  check_all({
    {[](settings& x) { x.health.degraded_waiting_share = -1; },
     "degraded-waiting-share = \"-1\"" + code
       + "is too small; allowed is a number from 0 to 10000."},
    {[=](settings& x) { x.health.degraded_waiting_share = nan; },
     "degraded-waiting-share = \"nan\"" + code
       + "is not finite; allowed is a number from 0 to 10000."},
    {[](settings& x) { x.health.degraded_connections_left = 1.5; },
     "degraded-connections-left = \"1.5\"" + code + "is too large; " + share_rule},
    {[](settings& x) { x.health.interval = 100ms; },
     "health-interval-unhealthy = \"500ms\"" + code
       + "is larger than health-interval; allowed is at most 100ms, the value of health-interval "
         "(the program's code)."},
  });
  auto off = good();
  off.health.interval = 0s;
  CAF_CHECK_EQUAL(judged(off), "");
}

CAF_TEST(shares and factors of the circuit breakers) {
  const std::string threshold_rule = "; allowed is a number from 0.01 to 1, or from 1% to 100%.";
  const auto nan = std::nan("");
  check_all({
    {[](settings& x) { x.breaker.failure_rate_threshold = 0; },
     "breaker-failure-rate-threshold = \"0\"" + code + "is too small" + threshold_rule},
    {[](settings& x) { x.breaker.failure_rate_threshold = -0.5; },
     "breaker-failure-rate-threshold = \"-0.5\"" + code + "is too small" + threshold_rule},
    {[](settings& x) { x.breaker.failure_rate_threshold = 50; },
     "breaker-failure-rate-threshold = \"50\"" + code + "is too large" + threshold_rule},
    {[](settings& x) { x.breaker.slow_call_rate_threshold = 0; },
     "breaker-slow-call-rate-threshold = \"0\"" + code + "is too small" + threshold_rule},
    {[](settings& x) { x.breaker.slow_call_rate_threshold = 1.01; },
     "breaker-slow-call-rate-threshold = \"1.01\"" + code + "is too large" + threshold_rule},
    {[=](settings& x) { x.breaker.slow_call_rate_threshold = nan; },
     "breaker-slow-call-rate-threshold = \"nan\"" + code + "is not finite" + threshold_rule},
    {[](settings& x) { x.breaker.wait_multiplier = 0.9; },
     "breaker-wait-multiplier = \"0.9\"" + code
       + "is too small; allowed is a number from 1 to 1000."},
    {[](settings& x) { x.breaker.wait_jitter = 2; },
     "breaker-wait-jitter = \"2\"" + code + "is too large; " + share_rule},
  });
}

CAF_TEST(shares that requests are shed by) {
  check_all({
    {[](settings& x) { x.shedding.degraded_queue_share = -0.1; },
     "degraded-queue-share = \"-0.1\"" + code + "is too small; " + share_rule},
    {[](settings& x) { x.shedding.degraded_queue_share = 1.1; },
     "degraded-queue-share = \"1.1\"" + code + "is too large; " + share_rule},
    {[](settings& x) { x.shedding.critical_reserve = -1; },
     "critical-reserve = \"-1\"" + code + "is too small; " + share_rule},
    {[](settings& x) { x.shedding.critical_reserve = 10; },
     "critical-reserve = \"10\"" + code + "is too large; " + share_rule},
  });
}

CAF_TEST(settings that contradict each other) {
  check_all({
    {[](settings& x) { x.min_pool_size = 11; },
     "min-pool-size = \"11\"" + code
       + "is larger than max-pool-size; allowed is at most 10, the value of max-pool-size (the "
         "program's code)."},
    {[](settings& x) { x.retry.first_delay = 31s; },
     "retry-first-delay = \"31s\"" + code
       + "is larger than retry-longest-delay; allowed is at most 30s, the value of "
         "retry-longest-delay (the program's code)."},
    {[](settings& x) { x.breaker.minimum_calls = 101; },
     "breaker-minimum-calls = \"101\"" + code
       + "is larger than breaker-window-size; allowed is at most 100, the value of "
         "breaker-window-size (the program's code)."},
    {[](settings& x) { x.breaker.wait_in_open_state = 31s; },
     "breaker-wait-in-open-state = \"31s\"" + code
       + "is larger than breaker-longest-wait-in-open-state; allowed is at most 30s, the value of "
         "breaker-longest-wait-in-open-state (the program's code)."},
    {[](settings& x) { x.shedding.queue_target = 2s; },
     "queue-target = \"2s\"" + code
       + "is not smaller than queue-interval; allowed is less than 2s, the value of "
         "queue-interval (the program's code)."},
  });
  auto x = good();
  x.breaker.minimum_calls = x.breaker.window_size;
  x.breaker.wait_in_open_state = x.breaker.longest_wait_in_open_state;
  x.min_pool_size = x.max_pool_size;
  x.retry.first_delay = x.retry.longest_delay;
  CAF_CHECK_EQUAL(judged(x), "");
}

CAF_TEST(a window of time holds any number of calls) {
  auto x = good();
  x.breaker.window_type = breaker_window::time;
  x.breaker.minimum_calls = x.breaker.window_size + 1;
  CAF_CHECK_EQUAL(judged(x), "");
}

CAF_TEST(all violated rules come at once) {
  settings x;
  x.name = "";
  x.max_pool_size = 0;
  x.min_pool_size = 3;
  x.connect_timeout = -1s;
  x.retry.multiplier = 0;
  std::vector<std::string> keys;
  for (const auto& one : validate(x))
    keys.push_back(one.setting);
  const std::vector<std::string> expected{"uri", "name", "max-pool-size", "connect-timeout",
                                          "retry-multiplier"};
  CAF_CHECK_EQUAL(keys, expected);
}

CAF_TEST(a setting that was not readable is judged no further) {
  auto x = good();
  x.max_pool_size = 0;
  origins from(setting_table().size());
  from[index_of("max-pool-size").value()] = {source::environment, false};
  CAF_CHECK(validate(x, from).empty());
}
