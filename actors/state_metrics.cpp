// Those of a pool's metrics that have labels.
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "moor/actors/metrics.hpp"

namespace moor::actors {

namespace {

constexpr metric connection_count{"db_client_connection_count",
                                  "Connections that are established, by state.",
                                  {"state", nullptr},
                                  naming::open_telemetry};
constexpr metric connections{
  "moor_connections", "Connections, by what becomes of them now.", {"state", nullptr}};
constexpr metric phase_is{
  "moor_pool_state", "1 for the state the pool is in, 0 for the others.", {"state", nullptr}};
constexpr metric health_is{
  "moor_health_state", "1 for the state of health, 0 for the others.", {"state", nullptr}};
constexpr metric health_checks{
  "moor_health_checks_total", "Checks of the server, by outcome.", {"outcome", nullptr}};
constexpr metric shed{
  "moor_requests_shed_total", "Requests given up for others, by rule.", {"rule", nullptr}};
constexpr metric breaker_is{"moor_breaker_state",
                            "1 for the state a circuit breaker is in, 0 for the others.",
                            {"scope", "state"}};
constexpr metric breaker_transitions{
  "moor_breaker_transitions_total", "Changes of a circuit breaker's state.", {"scope", nullptr}};
constexpr metric breaker_refused{
  "moor_breaker_refused_total", "Calls that a circuit breaker refused.", {"scope", nullptr}};
constexpr metric establish_failures{"moor_establish_failures_total",
                                    "Attempts to establish a connection that failed, by cause.",
                                    {"cause", nullptr}};
constexpr metric created{"moor_connections_created_total", "Connections that were begun."};
constexpr metric readied{"moor_connections_ready_total", "Connections that were established."};
constexpr metric closed{
  "moor_connections_closed_total", "Connections that were closed, by reason.", {"reason", nullptr}};
constexpr metric cleared{"moor_pool_cleared_total", "Times the pool was cleared."};
constexpr metric check_outs{
  "moor_check_outs_total", "Requests that were answered, by outcome.", {"outcome", nullptr}};
constexpr metric turns{"moor_borrower_turns_total",
                       "Turns that results on the loop brought their borrowers, by place.",
                       {"place", nullptr}};
constexpr metric part_up{"moor_part_up",
                         "1 while a part of the pool runs, 0 while it waits for its restart.",
                         {"part", nullptr}};
constexpr metric restarts{
  "moor_restarts_total", "Restarts of a part of the pool that died.", {"part", nullptr}};
constexpr metric reloads{"moor_reloads_total",
                         "Attempts to put other settings into force, by outcome.",
                         {"outcome", nullptr}};
constexpr metric inbox_messages{
  "moor_inbox_messages", "Messages that wait for a part of the pool.", {"part", nullptr}};

/// "queueFull" as Prometheus writes it: "queue_full".
std::string snake_case(std::string_view camel_case) {
  std::string snake;
  for (const char c : camel_case)
    if (c >= 'A' && c <= 'Z')
      (snake += '_') += static_cast<char>(c - 'A' + 'a');
    else
      snake += c;
  return snake;
}

/// One gauge for each state, so that `== 1` finds the present one.
template <class State>
void show_state(pool_series& to, const metric& which, std::initializer_list<State> all, State now) {
  for (const auto state : all)
    to.set(which, {std::string{to_string(state)}, {}}, state == now ? 1 : 0);
}

void show_breaker(pool_series& to, breaker_scope scope, const breaker_figures& now) {
  using enum breaker_state;
  const std::string name{to_string(scope)};
  for (const auto state : {closed, open, half_open, forced_open, disabled})
    to.set(breaker_is, {name, std::string{to_string(state)}}, state == now.state ? 1 : 0);
  to.follow(breaker_transitions, {name, {}}, now.transitions);
  to.follow(breaker_refused, {name, {}}, now.refused);
}

void show_connections(pool_series& to, const pool_stats& s) {
  const auto set = [&](const metric& which, const char* state, std::uint64_t count) {
    to.set(which, {state, {}}, static_cast<double>(count));
  };
  set(connection_count, "idle", s.available + s.checking);
  set(connection_count, "used", s.in_use);
  set(connections, "pending", s.pending);
  set(connections, "available", s.available);
  set(connections, "checking", s.checking);
  set(connections, "in_use", s.in_use);
  set(connections, "closing", s.closing);
}

/// That they are there from the beginning lets a rate see their first step.
void begin_outcomes(pool_series& to) {
  using enum event_reason;
  for (const auto reason : {stale, idle, lifetime, error, surplus, rotated, pool_closed})
    to.add(closed, {snake_case(to_string(reason)), {}}, 0);
  to.add(check_outs, {"granted", {}}, 0);
  for (const auto reason :
       {timeout, connection_error, pool_closed, queue_full, borrower_gone, event_reason::shed})
    to.add(check_outs, {snake_case(to_string(reason)), {}}, 0);
  for (const auto* which : {&created, &readied, &cleared})
    to.add(*which, {}, 0);
}

void show_event(pool_series& to, const event_count& e) {
  const auto reason = snake_case(to_string(e.reason));
  switch (e.type) {
    case event_type::connection_created: return to.follow(created, {}, e.count);
    case event_type::connection_ready: return to.follow(readied, {}, e.count);
    case event_type::connection_closed: return to.follow(closed, {reason, {}}, e.count);
    case event_type::pool_cleared: return to.follow(cleared, {}, e.count);
    case event_type::checked_out: return to.follow(check_outs, {"granted", {}}, e.count);
    case event_type::check_out_failed: return to.follow(check_outs, {reason, {}}, e.count);
    default: return; // those are in other figures
  }
}

void show_establish_failures(pool_series& to, const pool_view& now) {
  for (std::size_t i = 0; i < failure_causes; ++i)
    to.follow(establish_failures, {std::string{to_string(static_cast<failure_cause>(i))}, {}},
              now.establish_failures[i]);
}

} // namespace

void show_states(pool_series& to, const pool_snapshot& now) {
  const auto& stats = now.view.stats;
  show_connections(to, stats);
  {
    using enum pool_phase;
    show_state(to, phase_is, {paused, ready, draining, pool_phase::closed}, stats.phase);
  }
  {
    using enum health_state;
    show_state(to, health_is, {starting, healthy, degraded, unavailable, draining, stopped},
               now.health.state);
  }
  to.follow(health_checks, {"answered", {}}, since(now.health.checks, now.health.failed_checks));
  to.follow(health_checks, {"failed", {}}, now.health.failed_checks);
  to.follow(shed, {"overload", {}}, stats.shed_overload);
  to.follow(shed, {"degraded", {}}, stats.shed_degraded);
  to.follow(turns, {"loop", {}}, now.view.turns.on_loop);
  to.follow(turns, {"scheduler", {}}, now.view.turns.on_scheduler);
  show_establish_failures(to, now.view);
  show_breaker(to, breaker_scope::operations, now.view.operations_breaker);
  show_breaker(to, breaker_scope::establishing, now.establishing_breaker);
}

void show_events(pool_series& to, const pool_snapshot& now) {
  begin_outcomes(to);
  for (const auto& e : now.view.events)
    show_event(to, e);
}

void show_parts(pool_series& to, const pool_snapshot& now) {
  for (const auto& p : now.parts) {
    const label_values of{label_value(p.name), {}};
    to.set(part_up, of, p.runs ? 1 : 0);
    to.set(inbox_messages, of, static_cast<double>(p.waiting));
    to.follow(restarts, of, p.restarts);
  }
  const auto& r = now.reloads;
  to.follow(reloads, {"applied", {}}, r.applied);
  to.follow(reloads, {"unchanged", {}}, r.unchanged);
  to.follow(reloads, {"invalid", {}}, r.invalid);
  to.follow(reloads, {"unreachable", {}}, r.unreachable);
  to.follow(reloads, {"refused", {}}, r.refused);
}

} // namespace moor::actors
