#include "moor/config/setting_table.hpp"

#include <algorithm>
#include <array>

#include "moor/config/setting_rules.hpp"
#include "moor/config/text.hpp"

namespace moor {

namespace {

using namespace rules;
using namespace std::string_view_literals;

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t day = millisecond * 1000 * 60 * 60 * 24;

/// Far below the 292 years of the monotonic clock: sums of a few settings and a time cannot
/// overflow.
constexpr duration_rule span_or_zero{millisecond, 365 * day, true};
constexpr duration_rule span{millisecond, 365 * day, false};
/// In less, hardly anybody could be served at all.
constexpr duration_rule queue_span{10 * millisecond, 365 * day, false};
/// The driver takes these as 32-bit milliseconds, 24.8 days at most (URI options specification),
/// and what is below one of them would reach it as 0, which means no timeout there.
constexpr duration_rule driver_timeout{millisecond, 24 * day, false};
/// Each connection costs a thread here, and a thread and about a megabyte at the server.
constexpr count_rule pool_limit{1, 10'000};
/// Each one is a thread in a blocking dial; the limit exists to prevent storms of them.
constexpr count_rule dial_limit{1, 1'000};
/// A waiting request costs a few hundred bytes.
constexpr count_rule queue_limit{1, 1'000'000};
constexpr count_rule attempt_limit{1, 10'000};
constexpr count_rule restart_limit{0, 1'000'000};
/// A call costs a byte.
constexpr count_rule window_limit{1, 100'000};
/// They are looked through one by one.
constexpr count_rule probe_limit{1, 1'000};
constexpr count_rule observation_limit{1, 1'000};
constexpr count_rule revoke_limit{1, 10'000};
constexpr factor_rule growth{{1, 1'000}};
constexpr factor_rule per_connection{{0, 10'000}};
constexpr fraction_rule share{{0, 1}};
/// A threshold of 0 would be reached by calls that all went well.
constexpr fraction_rule threshold{{0.01, 1}};

/// The member that a path of member pointers leads to.
template <auto... Path>
constexpr auto& field(auto& values) {
  // clang-format off
  return (values .* ... .* Path);
  // clang-format on
}

template <auto Rule, auto... Path>
std::string assign(settings& target, std::string_view text) {
  auto value = Rule.read(text);
  if (!value)
    return value.problem;
  auto problem = Rule.problem(*value.value);
  if (problem.empty()) {
    auto& member = field<Path...>(target);
    member = static_cast<std::remove_reference_t<decltype(member)>>(*std::move(value.value));
  }
  return problem;
}

/// A row of the table: the rule of a setting and the path of member pointers to its field.
template <auto Rule, auto... Path>
constexpr setting_entry row(std::string_view key, std::string_view environment,
                            std::string_view uri_option, std::string_view meaning,
                            bool secret = false, takes_effect when = takes_effect::at_once) {
  return {key,
          environment,
          uri_option,
          decltype(Rule)::kind,
          secret,
          meaning,
          assign<Rule, Path...>,
          [](const settings& values) { return Rule.problem(field<Path...>(values)); },
          [](const settings& values) { return Rule.print(field<Path...>(values)); },
          [] { return Rule.allowed(); },
          when};
}

/// What whoever is told of the pool, or the process as a whole, has learnt once and for all.
template <auto Rule, auto... Path>
constexpr setting_entry fixed_row(std::string_view key, std::string_view environment,
                                  std::string_view meaning) {
  return row<Rule, Path...>(key, environment, "", meaning, false, takes_effect::after_restart);
}

constexpr auto retry = &settings::retry;
constexpr auto restart = &settings::restart;
constexpr auto breaker = &settings::breaker;
constexpr auto shedding = &settings::shedding;
constexpr auto health = &settings::health;
constexpr auto request_retry = &settings::request_retry;
constexpr auto leaks = &settings::leaks;
constexpr auto endpoint = &settings::endpoint;

constexpr std::array table{
  row<choice_rule<profiles>{}, &settings::profile>("profile", "MOOR_PROFILE", "",
                                                   "set of defaults: production or development"),
  row<uri_rule{}, &settings::uri>(
    "uri", "MONGODB_URI", "",
    "MongoDB connection string; better given by the environment, arguments are visible to others",
    true),
  row<line_rule{}, &settings::uri_file>("uri-file", "MONGODB_URI_FILE", "",
                                        "file that holds the connection string"),
  row<line_rule{}, &settings::password_file>(
    "password-file", "MOOR_PASSWORD_FILE", "",
    "file that holds the password of the connection string's user"),
  row<allow_rule{}, &settings::allow>("allow", "MOOR_ALLOW", "",
                                      "exceptions from what the production profile demands"),
  fixed_row<name_rule{}, &settings::name>("name", "MOOR_NAME",
                                          "name under which the pool is found"),
  row<app_name_rule{}, &settings::app_name>("app-name", "MOOR_APP_NAME", "appName",
                                            "application name in the server's log"),
  row<pool_limit, &settings::max_pool_size>("max-pool-size", "DB_POOL_SIZE", "maxPoolSize",
                                            "connections at most, those in use included"),
  row<count_rule{0, pool_limit.most}, &settings::min_pool_size>(
    "min-pool-size", "DB_MIN_POOL_SIZE", "minPoolSize",
    "connections kept established, those in use included"),
  row<span_or_zero, &settings::max_idle_time>(
    "max-idle-time", "MOOR_MAX_IDLE_TIME", "maxIdleTimeMS",
    "an available connection unused for longer is closed; 0 = never"),
  row<span, &settings::wait_queue_timeout>(
    "wait-queue-timeout", "MOOR_WAIT_QUEUE_TIMEOUT", "waitQueueTimeoutMS",
    "how long a request waits for a connection unless it says otherwise"),
  row<driver_timeout, &settings::connect_timeout>(
    "connect-timeout", "MOOR_CONNECT_TIMEOUT", "connectTimeoutMS",
    "for dial, TLS and handshake of one connection together"),
  row<driver_timeout, &settings::socket_timeout>(
    "socket-timeout", "MOOR_SOCKET_TIMEOUT", "socketTimeoutMS",
    "silence of the server in the middle of an operation"),
  row<driver_timeout, &settings::server_selection_timeout>(
    "server-selection-timeout", "MOOR_SERVER_SELECTION_TIMEOUT", "serverSelectionTimeoutMS",
    "search of one client for a suitable server"),
  row<dial_limit, &settings::max_connecting>("max-connecting", "MOOR_MAX_CONNECTING",
                                             "maxConnecting",
                                             "connections being established at once"),
  fixed_row<choice_rule<command_lanes>{}, &settings::lane>(
    "command-lane", "MOOR_COMMAND_LANE",
    "what carries out commands: a thread for each connection, or fibers on few threads"),
  row<choice_rule<turns_of_borrowers>{}, &settings::turns>(
    "borrower-turns", "MOOR_BORROWER_TURNS", "",
    "where actors handle results: on CAF's workers, or on the loop of the fibers"),
  row<span_or_zero, &settings::max_lifetime>(
    "max-lifetime", "MOOR_MAX_LIFETIME", "",
    "age at which a connection is closed when next met; 0 = none"),
  row<share, &settings::max_lifetime_jitter>(
    "max-lifetime-jitter", "MOOR_MAX_LIFETIME_JITTER", "",
    "share of max-lifetime by which a connection may expire earlier"),
  row<span, &settings::rotation_period>(
    "rotation-period", "MOOR_ROTATION_PERIOD", "",
    "connections of before a change of credentials or the like are replaced within it"),
  row<span_or_zero, &settings::check_after_idle>(
    "check-after-idle", "MOOR_CHECK_AFTER_IDLE", "",
    "a connection idle for longer is pinged before it is handed out; 0 = always"),
  row<span_or_zero, &settings::keepalive>("keepalive", "MOOR_KEEPALIVE", "",
                                          "idle connections are pinged this often; 0 = off"),
  row<queue_limit, &settings::wait_queue_limit>(
    "wait-queue-limit", "MOOR_WAIT_QUEUE_LIMIT", "",
    "requests waiting at once at most; the next one is refused"),
  row<attempt_limit, retry, &retry_settings::attempts>(
    "retry-attempts", "MOOR_RETRY_ATTEMPTS", "",
    "attempts to connect at the start, after which the start fails"),
  row<span, retry, &retry_settings::first_delay>(
    "retry-first-delay", "MOOR_RETRY_FIRST_DELAY", "",
    "upper bound of the delay after the first failure"),
  row<growth, retry, &retry_settings::multiplier>("retry-multiplier", "MOOR_RETRY_MULTIPLIER", "",
                                                  "factor from one upper bound to the next"),
  row<span, retry, &retry_settings::longest_delay>(
    "retry-longest-delay", "MOOR_RETRY_LONGEST_DELAY", "",
    "cap of the upper bound; reconnection goes on at it without end"),
  row<share, retry, &retry_settings::reconnect_share>(
    "retry-reconnect-share", "MOOR_RETRY_RECONNECT_SHARE", "",
    "a lost server is looked for after at most this share of the outage so far; 0 = by backoff alone"),
  row<share, retry, &retry_settings::jitter>("retry-jitter", "MOOR_RETRY_JITTER", "",
                                             "share of each delay that is random; 1 = full jitter"),
  row<restart_limit, restart, &restart_settings::most>(
    "restart-limit", "MOOR_RESTART_LIMIT", "",
    "restarts of a pool's parts within restart-period; one more ends the pool"),
  row<span, restart, &restart_settings::period>("restart-period", "MOOR_RESTART_PERIOD", "",
                                                "time over which restarts are counted"),
  row<span, restart, &restart_settings::first_delay>(
    "restart-first-delay", "MOOR_RESTART_FIRST_DELAY", "",
    "delay before the second restart within the period, doubled for each further one"),
  row<span, restart, &restart_settings::longest_delay>(
    "restart-longest-delay", "MOOR_RESTART_LONGEST_DELAY", "",
    "cap of that delay; requests wait meanwhile"),
  row<choice_rule<breaker_modes>{}, breaker, &breaker_settings::mode>(
    "breaker-mode", "MOOR_BREAKER_MODE", "",
    "circuit breakers: on, permitting everything, or refusing everything"),
  row<choice_rule<breaker_windows>{}, breaker, &breaker_settings::window_type>(
    "breaker-window-type", "MOOR_BREAKER_WINDOW_TYPE", "",
    "whether the last calls are judged or those of the last time"),
  row<window_limit, breaker, &breaker_settings::window_size>(
    "breaker-window-size", "MOOR_BREAKER_WINDOW_SIZE", "", "calls judged with window type count"),
  row<span, breaker, &breaker_settings::window_length>(
    "breaker-window-length", "MOOR_BREAKER_WINDOW_LENGTH", "",
    "time over which calls are judged with window type time"),
  row<window_limit, breaker, &breaker_settings::minimum_calls>(
    "breaker-minimum-calls", "MOOR_BREAKER_MINIMUM_CALLS", "",
    "fewer calls in the window are not judged"),
  row<threshold, breaker, &breaker_settings::failure_rate_threshold>(
    "breaker-failure-rate-threshold", "MOOR_BREAKER_FAILURE_RATE_THRESHOLD", "",
    "share of failed calls at which a breaker opens"),
  row<span_or_zero, breaker, &breaker_settings::slow_call_duration_threshold>(
    "breaker-slow-call-duration-threshold", "MOOR_BREAKER_SLOW_CALL_DURATION_THRESHOLD", "",
    "a call that takes longer is slow; 0 = none is"),
  row<threshold, breaker, &breaker_settings::slow_call_rate_threshold>(
    "breaker-slow-call-rate-threshold", "MOOR_BREAKER_SLOW_CALL_RATE_THRESHOLD", "",
    "share of slow calls at which a breaker opens"),
  row<span, breaker, &breaker_settings::wait_in_open_state>(
    "breaker-wait-in-open-state", "MOOR_BREAKER_WAIT_IN_OPEN_STATE", "",
    "upper bound of the first wait before probes are permitted"),
  row<growth, breaker, &breaker_settings::wait_multiplier>(
    "breaker-wait-multiplier", "MOOR_BREAKER_WAIT_MULTIPLIER", "",
    "factor from one upper bound to the next while probes fail"),
  row<span, breaker, &breaker_settings::longest_wait_in_open_state>(
    "breaker-longest-wait-in-open-state", "MOOR_BREAKER_LONGEST_WAIT_IN_OPEN_STATE", "",
    "cap of the upper bound"),
  row<share, breaker, &breaker_settings::wait_jitter>(
    "breaker-wait-jitter", "MOOR_BREAKER_WAIT_JITTER", "", "share of each wait that is random"),
  row<probe_limit, breaker, &breaker_settings::permitted_probes>(
    "breaker-permitted-probes", "MOOR_BREAKER_PERMITTED_PROBES", "",
    "calls permitted in half-open state, which decide"),
  row<span, breaker, &breaker_settings::probe_deadline>("breaker-probe-deadline",
                                                        "MOOR_BREAKER_PROBE_DEADLINE", "",
                                                        "a probe unanswered for longer has failed"),
  row<span_or_zero, shedding, &shedding_settings::queue_target>(
    "queue-target", "MOOR_QUEUE_TARGET", "",
    "waiting that an overload is told by; twice of it is the most then; 0 = off"),
  row<queue_span, shedding, &shedding_settings::queue_interval>(
    "queue-interval", "MOOR_QUEUE_INTERVAL", "",
    "a pool that served nobody within queue-target for so long is overloaded"),
  row<share, shedding, &shedding_settings::degraded_queue_share>(
    "degraded-queue-share", "MOOR_DEGRADED_QUEUE_SHARE", "",
    "share of wait-queue-limit beyond which normal requests are shed while degraded"),
  row<share, shedding, &shedding_settings::critical_reserve>(
    "critical-reserve", "MOOR_CRITICAL_RESERVE", "",
    "share of max-pool-size for critical requests alone while degraded or overloaded"),
  row<span_or_zero, &settings::saturation_threshold>(
    "saturation-threshold", "MOOR_SATURATION_THRESHOLD", "",
    "waiting longer with every connection in use is logged; 0 = off"),
  row<span_or_zero, health, &health_settings::interval>(
    "health-interval", "MOOR_HEALTH_INTERVAL", "",
    "interval of the health monitor's checks; 0 = no monitoring connection"),
  row<span, health, &health_settings::interval_unhealthy>(
    "health-interval-unhealthy", "MOOR_HEALTH_INTERVAL_UNHEALTHY", "",
    "interval of the checks while the server is not well"),
  row<observation_limit, health, &health_settings::failures>(
    "health-failures", "MOOR_HEALTH_FAILURES", "",
    "bad observations in a row that make the state of health worse"),
  row<observation_limit, health, &health_settings::recoveries>(
    "health-recoveries", "MOOR_HEALTH_RECOVERIES", "",
    "better observations in a row that make it better"),
  row<span_or_zero, health, &health_settings::degraded_round_trip_time>(
    "degraded-round-trip-time", "MOOR_DEGRADED_ROUND_TRIP_TIME", "",
    "a mean round-trip time above is degraded; 0 = not judged"),
  row<per_connection, health, &health_settings::degraded_waiting_share>(
    "degraded-waiting-share", "MOOR_DEGRADED_WAITING_SHARE", "",
    "more waiting requests per connection of max-pool-size are degraded; 0 = not judged"),
  row<share, health, &health_settings::degraded_connections_left>(
    "degraded-connections-left", "MOOR_DEGRADED_CONNECTIONS_LEFT", "",
    "a smaller share of the server's connections left is degraded; 0 = not judged"),
  row<span_or_zero, &settings::statistics_interval>(
    "statistics-interval", "MOOR_STATISTICS_INTERVAL", "",
    "interval of the statistics line in the log; 0 = off"),
  row<share, request_retry, &request_retry_settings::budget>(
    "request-retry-budget", "MOOR_REQUEST_RETRY_BUDGET", "",
    "retries of requests at most, as a share of the requests; 0 = none"),
  row<span, request_retry, &request_retry_settings::first_delay>(
    "request-retry-first-delay", "MOOR_REQUEST_RETRY_FIRST_DELAY", "",
    "upper bound of the delay before a request's first retry, doubled for each further one"),
  row<span, request_retry, &request_retry_settings::longest_delay>(
    "request-retry-longest-delay", "MOOR_REQUEST_RETRY_LONGEST_DELAY", "",
    "cap of that upper bound"),
  row<span_or_zero, &settings::slow_query_threshold>(
    "slow-query-threshold", "MOOR_SLOW_QUERY_THRESHOLD", "",
    "a command that takes longer is logged as slow; 0 = none is"),
  row<span_or_zero, leaks, &leak_settings::threshold>(
    "leak-threshold", "MOOR_LEAK_THRESHOLD", "",
    "a lease held longer is reported as a leak; 0 = off"),
  row<queue_span, leaks, &leak_settings::scan_interval>(
    "leak-scan-interval", "MOOR_LEAK_SCAN_INTERVAL", "", "time between looks for leaks"),
  row<choice_rule<leak_policies>{}, leaks, &leak_settings::policy>(
    "leak-policy", "MOOR_LEAK_POLICY", "", "whether leaks are reported only, or revoked too"),
  row<span, leaks, &leak_settings::grace>(
    "leak-grace", "MOOR_LEAK_GRACE", "",
    "time for a told borrower to answer, and from a report to the revocation"),
  row<revoke_limit, leaks, &leak_settings::revoke_limit>(
    "leak-revoke-limit", "MOOR_LEAK_REVOKE_LIMIT", "",
    "leases revoked within one leak-grace at most"),
  fixed_row<choice_rule<toggles>{}, leaks, &leak_settings::stack_traces>(
    "leak-stack-traces", "MOOR_LEAK_STACK_TRACES",
    "whether requests for leases record the calls that led to them"),
  row<span_or_zero, &settings::metrics_interval>(
    "metrics-interval", "MOOR_METRICS_INTERVAL", "",
    "metrics and the live page are so old at most; 0 = no metrics"),
  fixed_row<listen_rule{}, endpoint, &endpoint_settings::listen>(
    "http-listen", "MOOR_HTTP_LISTEN",
    "address and port of metrics, health and the live page; port 0 = any"),
  fixed_row<line_rule{}, endpoint, &endpoint_settings::user>(
    "http-user", "MOOR_HTTP_USER", "visitors must name this user; none = anybody is served"),
  fixed_row<line_rule{}, endpoint, &endpoint_settings::password_file>(
    "http-password-file", "MOOR_HTTP_PASSWORD_FILE",
    "file whose first line is that user's password"),
  fixed_row<line_rule{}, endpoint, &endpoint_settings::certificate_file>(
    "http-certificate-file", "MOOR_HTTP_CERTIFICATE_FILE",
    "PEM file with certificate and chain, and the key unless it has its own; none = without TLS"),
  fixed_row<line_rule{}, endpoint, &endpoint_settings::key_file>(
    "http-key-file", "MOOR_HTTP_KEY_FILE",
    "PEM file with the certificate's private key; none = in http-certificate-file"),
  fixed_row<probe_limit, endpoint, &endpoint_settings::max_connections>(
    "http-max-connections", "MOOR_HTTP_MAX_CONNECTIONS", "visitors served at once"),
};

constexpr std::array pairs{
  ordered_pair{"min-pool-size", "max-pool-size",
               [](const settings& x) { return x.min_pool_size <= x.max_pool_size; },
               [](settings& x) { x.min_pool_size = x.max_pool_size; }},
  ordered_pair{"retry-first-delay", "retry-longest-delay",
               [](const settings& x) { return x.retry.first_delay <= x.retry.longest_delay; },
               [](settings& x) { x.retry.first_delay = x.retry.longest_delay; }},
  ordered_pair{
    "request-retry-first-delay", "request-retry-longest-delay",
    [](const settings& x) { return x.request_retry.first_delay <= x.request_retry.longest_delay; },
    [](settings& x) { x.request_retry.first_delay = x.request_retry.longest_delay; }},
  ordered_pair{"restart-first-delay", "restart-longest-delay",
               [](const settings& x) { return x.restart.first_delay <= x.restart.longest_delay; },
               [](settings& x) { x.restart.first_delay = x.restart.longest_delay; }},
  ordered_pair{"breaker-minimum-calls", "breaker-window-size",
               [](const settings& x) {
                 // A span of time holds any number of calls.
                 return x.breaker.window_type == breaker_window::time
                        || x.breaker.minimum_calls <= x.breaker.window_size;
               },
               [](settings& x) { x.breaker.minimum_calls = x.breaker.window_size; }},
  ordered_pair{
    "breaker-wait-in-open-state", "breaker-longest-wait-in-open-state",
    [](const settings& x) {
      return x.breaker.wait_in_open_state <= x.breaker.longest_wait_in_open_state;
    },
    [](settings& x) { x.breaker.wait_in_open_state = x.breaker.longest_wait_in_open_state; }},
  ordered_pair{
    "queue-target", "queue-interval",
    [](const settings& x) { return x.shedding.queue_target < x.shedding.queue_interval; },
    [](settings& x) { x.shedding.queue_target = x.shedding.queue_interval / 2; }, true},
  ordered_pair{"health-interval-unhealthy", "health-interval",
               [](const settings& x) {
                 // Without checks there is nothing to compare.
                 return x.health.interval == duration::zero()
                        || x.health.interval_unhealthy <= x.health.interval;
               },
               [](settings& x) { x.health.interval_unhealthy = x.health.interval; }},
};

} // namespace

std::string_view to_string(setting_kind kind) noexcept {
  constexpr std::array names{"count"sv,  "duration"sv, "fraction"sv,
                             "number"sv, "text"sv,     "toggle"sv};
  return names[static_cast<std::size_t>(kind)];
}

std::span<const setting_entry> setting_table() noexcept {
  return table;
}

std::span<const ordered_pair> ordered_pairs() noexcept {
  return pairs;
}

std::optional<std::size_t> index_of(std::string_view key) noexcept {
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [&](const setting_entry& x) { return x.key == key; });
  if (found == table.end())
    return std::nullopt;
  return static_cast<std::size_t>(found - table.begin());
}

const setting_entry* find_uri_option(std::string_view option) {
  const auto wanted = to_lower(option);
  const auto* found = std::find_if(table.begin(), table.end(), [&](const setting_entry& x) {
    return !x.uri_option.empty() && to_lower(x.uri_option) == wanted;
  });
  return found == table.end() ? nullptr : &*found;
}

} // namespace moor
