#include "moor/actors/metrics.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <caf/config.hpp>

#include "moor/mongo/library.hpp"

namespace moor::actors {

namespace {

/// A gauge without labels; no value, no series.
struct gauge_row {
  metric what;
  std::optional<double> (*value)(const pool_snapshot& s);
};

/// A counter without labels.
struct counter_row {
  metric what;
  std::uint64_t (*total)(const pool_snapshot& s);
};

/// A histogram without labels.
struct histogram_row {
  metric what;
  const duration_figures& (*figures)(const pool_snapshot& s);
};

constexpr metric otel(const char* name, const char* help) {
  return {name, help, {}, naming::open_telemetry};
}

double number(std::uint64_t n) {
  return static_cast<double>(n);
}

double seconds(duration span) {
  return std::chrono::duration<double>(span).count();
}

std::optional<double> seconds_if_any(duration span) {
  return span > duration::zero() ? std::optional{seconds(span)} : std::nullopt;
}

std::optional<double> number_if_known(const maybe_count& n) {
  return n ? std::optional{static_cast<double>(*n)} : std::nullopt;
}

using snapshot = const pool_snapshot&;
using maybe = std::optional<double>;

constexpr auto gauges = std::to_array<gauge_row>({
  {otel("db_client_connection_max", "Connections the pool has at most."),
   [](snapshot s) -> maybe { return number(s.view.stats.max_size); }},
  {otel("db_client_connection_idle_max", "Idle connections the pool keeps at most."),
   [](snapshot s) -> maybe { return number(s.view.stats.max_size); }},
  {otel("db_client_connection_idle_min", "Connections the pool keeps at least."),
   [](snapshot s) -> maybe { return number(s.view.stats.min_size); }},
  {otel("db_client_connection_pending_requests", "Requests that wait for a connection."),
   [](snapshot s) -> maybe { return number(s.view.stats.waiting); }},
  {{"moor_pool_up", "1 if the pool answered when it was last asked for its figures."},
   [](snapshot s) -> maybe { return s.pool_answers ? 1 : 0; }},
  {{"moor_metrics_last_look_timestamp_seconds",
    "Unix time of the exporter's last look at the pool: so old are its figures."},
   [](snapshot s) { return seconds_if_any(std::chrono::milliseconds{s.at_unix_ms}); }},
  {{"moor_pool_degraded", "1 while the pool gives up some requests for the sake of others."},
   [](snapshot s) -> maybe { return s.view.stats.degradation == degradation::none ? 0 : 1; }},
  {{"moor_pool_generation", "Generation of the pool, one more for each time it was cleared."},
   [](snapshot s) -> maybe { return number(s.view.stats.generation); }},
  {{"moor_config_generation", "Generation of the settings in force, 1 for the first ones."},
   [](snapshot s) -> maybe { return number(s.reloads.generation); }},
  {{"moor_wait_queue_length", "Requests that wait for a connection."},
   [](snapshot s) -> maybe { return number(s.view.stats.waiting); }},
  {{"moor_wait_queue_oldest_wait_seconds", "How long the request has waited that waits longest."},
   [](snapshot s) -> maybe { return seconds(s.view.oldest_wait); }},
  {{"moor_leases_out", "Leases that borrowers hold."},
   [](snapshot s) -> maybe { return number(s.view.stats.out); }},
  {{"moor_leaks_out", "Leases that are out and were reported as leaks."},
   [](snapshot s) -> maybe { return number(s.leaks.out_now); }},
  {{"moor_last_error_timestamp_seconds", "Unix time of the last connection error."},
   [](snapshot s) -> maybe {
     return seconds_if_any(std::chrono::milliseconds{s.view.stats.last_error_unix_ms});
   }},
  {{"moor_server_read_only", "1 while the only server that answers takes no writes."},
   [](snapshot s) -> maybe { return s.health.read_only ? 1 : 0; }},
  {{"moor_server_round_trip_seconds", "Weighted mean round-trip time of the server's pings."},
   [](snapshot s) { return seconds_if_any(s.health.round_trip_mean); }},
  {{"moor_server_round_trip_min_seconds", "Shortest round-trip time of the server's last pings."},
   [](snapshot s) { return seconds_if_any(s.health.round_trip_min); }},
  {{"moor_server_connections_current", "Connections of all clients to the server, as it says."},
   [](snapshot s) { return number_if_known(s.health.server.connections_current); }},
  {{"moor_server_connections_available", "Connections the server has left, as it says."},
   [](snapshot s) { return number_if_known(s.health.server.connections_available); }},
});

constexpr auto counters = std::to_array<counter_row>({
  {otel("db_client_connection_timeouts_total", "Requests whose time came before a connection."),
   [](snapshot s) { return s.view.stats.timed_out; }},
  {{"moor_establish_attempts_total", "Attempts to establish a connection."},
   [](snapshot s) { return s.view.stats.attempts; }},
  {{"moor_reconnections_total", "Times the server was found again after it was lost."},
   [](snapshot s) { return s.view.stats.reconnections; }},
  {{"moor_connection_errors_total", "Failed attempts to establish, and connections spoilt in use."},
   [](snapshot s) { return s.view.stats.errors; }},
  {{"moor_requests_refused_total", "Requests refused for another reason than their time."},
   [](snapshot s) { return s.view.stats.refused; }},
  {{"moor_leases_granted_total", "Leases granted, for work as well as to borrowers."},
   [](snapshot s) { return s.view.stats.granted; }},
  {{"moor_leases_returned_total", "Leases that were returned."},
   [](snapshot s) { return s.view.stats.returned; }},
  {{"moor_leases_revoked_total", "Leases whose connection was taken away."},
   [](snapshot s) { return s.view.stats.revoked; }},
  {{"moor_retries_total", "Attempts of requests beyond their first."},
   [](snapshot s) { return s.view.stats.retried; }},
  {{"moor_retries_withheld_total", "Retries that there was no budget for."},
   [](snapshot s) { return s.view.stats.retries_withheld; }},
  {{"moor_leaks_suspected_total", "Leases reported as leaks."},
   [](snapshot s) { return s.leaks.suspected; }},
  {{"moor_leaks_returned_late_total", "Leases that came back after they were reported."},
   [](snapshot s) { return s.leaks.returned_late; }},
  {{"moor_leaks_revoked_total", "Leases that the leak detector took back."},
   [](snapshot s) { return s.leaks.revoked; }},
  {{"moor_leaks_told_total", "Borrowers told that their lease is overdue."},
   [](snapshot s) { return s.leaks.told; }},
  {{"moor_slow_lines_suppressed_total", "Slow commands that were counted but not logged."},
   [](snapshot s) { return s.view.operations.slow_lines_suppressed; }},
});

constexpr auto histograms = std::to_array<histogram_row>({
  {otel("db_client_connection_create_time_seconds", "Time to establish a connection."),
   [](snapshot s) -> const duration_figures& { return s.view.create_time; }},
  {otel("db_client_connection_wait_time_seconds", "Time that served requests had waited."),
   [](snapshot s) -> const duration_figures& { return s.view.wait_time; }},
  {otel("db_client_connection_use_time_seconds", "Time from a connection's loan to its return."),
   [](snapshot s) -> const duration_figures& { return s.view.use_time; }},
});

constexpr metric server_created{"moor_server_connections_created_total",
                                "Connections of all clients that the server took since the pool "
                                "began to look at it."};

/// It says the same of every pool of the process, and stays.
void show_build(prometheus::Registry& to) {
  const auto caf = std::to_string(CAF_MAJOR_VERSION) + '.' + std::to_string(CAF_MINOR_VERSION) + '.'
                   + std::to_string(CAF_PATCH_VERSION);
  prometheus::BuildGauge()
    .Name("moor_build_info")
    .Help("Versions of moor and of what it is built on; always 1.")
    .Register(to)
    .Add({{"version", MOOR_VERSION}, {"caf", caf}, {"libmongoc", mongo::library_version()}})
    .Set(1);
}

} // namespace

metrics::metrics(const std::shared_ptr<prometheus::Registry>& registry, const std::string& pool)
  : series_(registry, pool) {
  show_build(*registry);
}

metrics::~metrics() = default;

void metrics::update(const pool_snapshot& now) {
  show_pool(series_, now);
  show_states(series_, now);
  show_events(series_, now);
  show_parts(series_, now);
  operations_.update(series_, now.view.operations);
  follow_server(now.health.server);
}

void metrics::follow_server(const server_view& now) {
  const auto& created = now.connections_total_created;
  if (!created)
    return;
  // What the server counted before is not of this pool's time, and another server counts for
  // itself; one that restarted counts from 0.
  const auto same = std::exchange(server_, now.me) == now.me;
  if (server_created_ && same)
    created_seen_ += static_cast<std::uint64_t>(
      *created >= *server_created_ ? *created - *server_created_ : *created);
  server_created_ = created;
  series_.follow(server_created, {}, created_seen_);
}

void show_pool(pool_series& to, const pool_snapshot& now) {
  for (const auto& row : gauges)
    if (const auto value = row.value(now))
      to.set(row.what, {}, *value);
    else
      to.unset(row.what, {});
  for (const auto& row : counters)
    to.follow(row.what, {}, row.total(now));
  for (const auto& row : histograms)
    to.follow(row.what, {}, row.figures(now));
}

} // namespace moor::actors
