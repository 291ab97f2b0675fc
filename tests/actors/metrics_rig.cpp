#include "actors/metrics_rig.hpp"

#include <utility>

#include <prometheus/text_serializer.h>

namespace moor::test {

using namespace std::chrono_literals;

std::string scrape(const prometheus::Registry& registry) {
  return prometheus::TextSerializer{}.Serialize(registry.Collect());
}

namespace {

prometheus::Labels labels_of(const prometheus::ClientMetric& series) {
  prometheus::Labels all;
  for (const auto& label : series.label)
    all[label.name] = label.value;
  return all;
}

double value_in(const prometheus::ClientMetric& series, prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter: return series.counter.value;
    case prometheus::MetricType::Histogram:
      return static_cast<double>(series.histogram.sample_count);
    default: return series.gauge.value;
  }
}

pool_stats full_stats() {
  pool_stats s;
  s.phase = pool_phase::ready;
  s.generation = 3;
  s.total = 7;
  s.in_use = 3;
  s.available = 2;
  s.pending = 1;
  s.checking = 1;
  s.closing = 1;
  s.waiting = 4;
  s.out = 2;
  s.min_size = 2;
  s.max_size = 10;
  s.granted = 100;
  s.returned = 95;
  s.revoked = 3;
  s.timed_out = 5;
  s.refused = 6;
  s.shed = 3;
  s.shed_overload = 2;
  s.shed_degraded = 1;
  s.retried = 8;
  s.retries_withheld = 1;
  s.attempts = 12;
  s.reconnections = 1;
  s.errors = 4;
  s.last_error = "reset by peer";
  s.last_error_unix_ms = 1'700'000'000'500;
  return s;
}

std::vector<event_count> full_events() {
  return {{event_type::pool_cleared, event_reason::none, 3},
          {event_type::connection_created, event_reason::none, 12},
          {event_type::connection_ready, event_reason::none, 10},
          {event_type::connection_closed, event_reason::stale, 4},
          {event_type::connection_closed, event_reason::error, 1},
          {event_type::checked_out, event_reason::none, 100},
          {event_type::check_out_failed, event_reason::timeout, 5},
          {event_type::check_out_failed, event_reason::queue_full, 2}};
}

pool_view full_view() {
  pool_view v;
  v.stats = full_stats();
  v.events = full_events();
  v.establish_failures[static_cast<std::size_t>(failure_cause::tls_expired)] = 3;
  v.create_time = times(10, 20ms);
  v.wait_time = times(100, 1ms);
  v.use_time = times(98, 4ms);
  v.oldest_wait = 250ms;
  v.operations_breaker.state = breaker_state::half_open;
  v.operations_breaker.transitions = 2;
  v.operations_breaker.refused = 9;
  v.operations.operations
    = {{"find_order", times(80, 3ms), times(2, 1s), 2}, {"place_order", times(15, 6ms), {}, 0}};
  v.operations.slow_lines_suppressed = 1;
  v.turns = {70, 3};
  return v;
}

health_report full_health() {
  health_report h;
  h.state = health_state::degraded;
  h.round_trip_mean = 2ms;
  h.round_trip_min = 1ms;
  h.checks = 20;
  h.failed_checks = 1;
  h.server.connections_current = {true, 40};
  h.server.connections_available = {true, 60};
  h.server.connections_total_created = {true, 1000};
  return h;
}

} // namespace

std::optional<double> value_of(const prometheus::Registry& registry, const std::string& metric,
                               const prometheus::Labels& labels) {
  for (const auto& family : registry.Collect())
    if (family.name == metric)
      for (const auto& series : family.metric)
        if (labels_of(series) == labels)
          return value_in(series, family.type);
  return std::nullopt;
}

std::size_t series_of(const prometheus::Registry& registry, const std::string& metric) {
  for (const auto& family : registry.Collect())
    if (family.name == metric)
      return family.metric.size();
  return 0;
}

duration_figures times(std::uint64_t count, duration each) {
  duration_figures all;
  for (std::uint64_t i = 0; i < count; ++i)
    all.add(each);
  return all;
}

pool_snapshot full_snapshot(std::string pool) {
  pool_snapshot s;
  s.pool = std::move(pool);
  s.reloads = {5, 4, 3, 2, 1, 6};
  s.address = "db:27017";
  s.pool_answers = true;
  s.at_unix_ms = 1'700'000'100'250;
  s.view = full_view();
  s.health = full_health();
  s.leaks = {4, 2, 1, 3, 1, {}};
  s.parts = {{"pool supervisor", true, 1, 5}, {"connector", false, 2, 0}};
  return s;
}

} // namespace moor::test
