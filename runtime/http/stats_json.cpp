#include "moor/runtime/http/stats_json.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

namespace moor::http {

namespace {

using nlohmann::json;

double ms(duration value) {
  return std::chrono::duration<double, std::milli>{value}.count();
}

/// An array of what `make` makes of each element.
template <class Range, class Make>
json list(const Range& range, Make make) {
  json result = json::array();
  for (const auto& one : range)
    result.push_back(make(one));
  return result;
}

json as_json(const duration_figures& x) {
  return {{"count", x.count},
          {"total_ms", ms(x.total)},
          {"longest_ms", ms(x.longest)},
          {"classes", x.classes}};
}

json as_json(const breaker_figures& x) {
  return {{"state", to_string(x.state)},
          {"lasts_ms", ms(x.lasts)},
          {"calls", x.calls},
          {"failed", x.failed},
          {"slow", x.slow},
          {"failure_rate", x.failure_rate},
          {"slow_call_rate", x.slow_call_rate},
          {"probes_in_flight", x.probes_in_flight},
          {"refused", x.refused},
          {"transitions", x.transitions}};
}

json as_json(const pool_stats& x) {
  return {{"phase", to_string(x.phase)},
          {"degradation", to_string(x.degradation)},
          {"generation", x.generation},
          {"total", x.total},
          {"in_use", x.in_use},
          {"available", x.available},
          {"pending", x.pending},
          {"checking", x.checking},
          {"closing", x.closing},
          {"waiting", x.waiting},
          {"out", x.out},
          {"min_size", x.min_size},
          {"max_size", x.max_size},
          {"granted", x.granted},
          {"returned", x.returned},
          {"revoked", x.revoked},
          {"timed_out", x.timed_out},
          {"refused", x.refused},
          {"shed", x.shed},
          {"shed_overload", x.shed_overload},
          {"shed_degraded", x.shed_degraded},
          {"retried", x.retried},
          {"retries_withheld", x.retries_withheld},
          {"attempts", x.attempts},
          {"reconnections", x.reconnections},
          {"errors", x.errors},
          {"restarts", x.restarts},
          {"last_error", x.last_error},
          {"last_error_unix_ms", x.last_error_unix_ms},
          {"health", to_string(x.health)}};
}

json as_json(const event_count& x) {
  return {{"type", to_string(x.type)}, {"reason", to_string(x.reason)}, {"count", x.count}};
}

json as_json(const connection_view& x) {
  return {{"connection", x.connection},
          {"state", to_string(x.state)},
          {"generation", x.generation},
          {"age_ms", ms(x.age)},
          {"lease", x.lease}};
}

json as_json(const lease_record& x) {
  return {{"lease", x.lease},
          {"connection", x.connection},
          {"use", to_string(x.use)},
          {"dedicated", x.dedicated},
          {"operation", x.operation},
          {"borrower", x.borrower},
          {"borrower_name", x.borrower_name},
          {"held_ms", ms(x.held)},
          {"since_unix_ms", x.since_unix_ms},
          {"threshold_ms", ms(x.threshold)},
          {"asked_to_be_told", x.asked_to_be_told},
          {"where", x.where},
          {"stack", x.stack}};
}

json as_json(const breaker_change& x) {
  return {{"scope", to_string(x.scope)},
          {"from", to_string(x.change.from)},
          {"to", to_string(x.change.to)},
          {"cause", x.change.cause},
          {"retry_after_ms", ms(x.change.retry_after)},
          {"at_unix_ms", x.at_unix_ms}};
}

json as_json(const operation_figures& x) {
  return {{"operation", x.operation},
          {"succeeded", as_json(x.succeeded)},
          {"failed", as_json(x.failed)},
          {"slow", x.slow}};
}

json as_json(const slow_command_note& x) {
  return {{"operation", x.what.operation},   {"command", x.what.command},
          {"database", x.what.database},     {"collection", x.what.collection},
          {"shape", x.what.shape},           {"server", x.what.server},
          {"took_ms", ms(x.what.took)},      {"threshold_ms", ms(x.what.threshold)},
          {"failed", x.what.failed},         {"connection", x.what.connection},
          {"suppressed", x.what.suppressed}, {"at_unix_ms", x.at_unix_ms}};
}

json as_json(const health_change& x) {
  return {{"from", to_string(x.from)},
          {"to", to_string(x.to)},
          {"causes", x.causes},
          {"at_unix_ms", x.at_unix_ms}};
}

json as_json(const leak& x) {
  return {{"lease", as_json(x.lease)}, {"outcome", to_string(x.outcome)}};
}

json as_json(const part_view& x) {
  return {{"name", x.name}, {"runs", x.runs}, {"restarts", x.restarts}, {"waiting", x.waiting}};
}

json as_json(const restart_note& x) {
  return {{"part", x.part}, {"cause", x.cause}, {"at_unix_ms", x.at_unix_ms}};
}

json as_json(const setting_view& x) {
  return {{"key", x.key}, {"value", x.value}, {"source", x.source}};
}

const auto each = [](const auto& x) { return as_json(x); };

json as_json(const operations_report& x) {
  return {{"operations", list(x.operations, each)},
          {"slow_lines_suppressed", x.slow_lines_suppressed},
          {"latest_slow", list(x.latest_slow, each)}};
}

json as_json(const pool_view& x) {
  return {{"stats", as_json(x.stats)},
          {"events", list(x.events, each)},
          {"create_time", as_json(x.create_time)},
          {"wait_time", as_json(x.wait_time)},
          {"use_time", as_json(x.use_time)},
          {"oldest_wait_ms", ms(x.oldest_wait)},
          {"connections", list(x.connections, each)},
          {"leases", list(x.leases, each)},
          {"operations_breaker", as_json(x.operations_breaker)},
          {"breaker_history", list(x.breaker_history, each)},
          {"operations", as_json(x.operations)}};
}

/// null if the server keeps it to itself.
json as_json(const maybe_count& x) {
  return x ? json(*x) : json(nullptr);
}

json as_json(const server_view& x) {
  return {{"round_trip_ms", ms(x.round_trip)},
          {"writable", x.writable},
          {"secondary", x.secondary},
          {"set_name", x.set_name},
          {"me", x.me},
          {"primary", x.primary},
          {"election_id", x.election_id},
          {"set_version", x.set_version},
          {"hosts", x.hosts},
          {"connections_current", as_json(x.connections_current)},
          {"connections_available", as_json(x.connections_available)},
          {"connections_total_created", as_json(x.connections_total_created)}};
}

json as_json(const health_report& x) {
  return {{"state", to_string(x.state)},
          {"since_unix_ms", x.since_unix_ms},
          {"lasting_ms", ms(x.lasting)},
          {"causes", x.causes},
          {"read_only", x.read_only},
          {"round_trip_mean_ms", ms(x.round_trip_mean)},
          {"round_trip_min_ms", ms(x.round_trip_min)},
          {"checks", x.checks},
          {"failed_checks", x.failed_checks},
          {"server", as_json(x.server)},
          {"changes", list(x.changes, each)}};
}

json as_json(const leaks_report& x) {
  return {{"suspected", x.suspected}, {"returned_late", x.returned_late},
          {"revoked", x.revoked},     {"told", x.told},
          {"out_now", x.out_now},     {"latest", list(x.latest, each)}};
}

json as_json(const pool_snapshot& x) {
  return {{"pool", x.pool},
          {"address", x.address},
          {"at_unix_ms", x.at_unix_ms},
          {"began_unix_ms", x.began_unix_ms},
          {"pool_answers", x.pool_answers},
          {"view", as_json(x.view)},
          {"health", as_json(x.health)},
          {"establishing_breaker", as_json(x.establishing_breaker)},
          {"leaks", as_json(x.leaks)},
          {"parts", list(x.parts, each)},
          {"restarts", list(x.restarts, each)},
          {"settings", list(x.settings, each)}};
}

/// Nobody looked at the pool for so long that whoever should must be stuck.
bool is_outdated(const pool_snapshot& pool, std::int64_t now_unix_ms) noexcept {
  constexpr std::chrono::milliseconds slack{10'000};
  const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(pool.interval);
  return now_unix_ms - pool.at_unix_ms > (2 * interval + slack).count();
}

std::string text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

std::string snapshot_json(const pool_snapshot& pool) {
  return text(as_json(pool));
}

std::string stats_json(const texts& pools, std::int64_t now_unix_ms) {
  static const auto bounds = text(list(duration_classes, ms));
  std::string all = R"({"now_unix_ms":)" + std::to_string(now_unix_ms)
                    + R"(,"duration_classes_ms":)" + bounds + R"(,"pools":[)";
  const char* between = "";
  for (const auto& pool : pools) {
    all.append(between).append(*pool);
    between = ",";
  }
  return all.append("]}");
}

bool is_ready(const pool_snapshot& pool, std::int64_t now_unix_ms) noexcept {
  const auto state = pool.health.state;
  return pool.pool_answers && !is_outdated(pool, now_unix_ms)
         && (state == health_state::healthy || state == health_state::degraded)
         && pool.view.stats.phase == pool_phase::ready;
}

std::string readiness_json(const snapshots& pools, std::int64_t now_unix_ms) {
  const auto is_ready
    = [now_unix_ms](const auto& pool) { return http::is_ready(*pool, now_unix_ms); };
  const bool ready = !pools.empty() && std::ranges::all_of(pools, is_ready);
  return text({{"ready", ready}, {"pools", list(pools, [&](const auto& pool) {
                                    return json{{"pool", pool->pool},
                                                {"ready", is_ready(pool)},
                                                {"answers", pool->pool_answers},
                                                {"outdated", is_outdated(*pool, now_unix_ms)},
                                                {"state", to_string(pool->health.state)},
                                                {"phase", to_string(pool->view.stats.phase)},
                                                {"causes", pool->health.causes}};
                                  })}});
}

} // namespace moor::http
