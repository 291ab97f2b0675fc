#include "page/scenes.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "moor/config/connection_string.hpp"
#include "support/plants.hpp"

namespace moor::test {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t size = 10;
constexpr std::array operations{"find order", "place order", "list customers", "count stock",
                                "search products"};

} // namespace

scene scene_of(const std::string& name) {
  constexpr std::array names{"idle", "load", "saturation", "outage", "recovery", "injection"};
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw std::invalid_argument("there is no scene " + name);
  return static_cast<scene>(found - names.begin());
}

scripted_pool::scripted_pool(std::string name) {
  now_.pool = std::move(name);
  now_.address = "db1.example:27017";
  now_.pool_answers = true;
  auto& stats = now_.view.stats;
  stats.min_size = 2;
  stats.max_size = size;
  stats.generation = 1;
  now_.parts = {{"pool", true, 0, 0}, {"connector", true, 0, 0}, {"monitor", true, 0, 0}};
  now_.settings = {{"uri", redact("mongodb://" + planted("user:password") + "@db1.example:27017"),
                    "environment variable DB_URI"},
                   {"max-pool-size", "10", "command line"},
                   {"min-pool-size", "2", "default"},
                   {"wait-queue-timeout", "5s", "profile production"}};
  now_.health.round_trip_mean = 1'200us;
  now_.health.round_trip_min = 900us;
  now_.health.server.set_name = "rs0";
  now_.health.server.me = "db1.example:27017";
  now_.health.server.primary = "db1.example:27017";
  now_.health.server.hosts = {"db1.example:27017", "db2.example:27017"};
  now_.health.server.connections_current = {true, 42};
  now_.health.server.connections_available = {true, 958};
  for (const auto* name_of : operations)
    now_.view.operations.operations.push_back({name_of, {}, {}, 0});
}

void scripted_pool::enter(scene next, std::int64_t at) {
  if (now_.began_unix_ms == 0)
    now_.began_unix_ms = at;
  scene_ = next;
  auto& stats = now_.view.stats;
  switch (next) {
    case scene::saturation:
      change_health(health_state::degraded, {"57 requests wait for 10 connections"}, at);
      break;
    case scene::outage:
      stats.phase = pool_phase::paused;
      ++stats.generation;
      stats.last_error = "db1.example:27017 refused the connection";
      stats.last_error_unix_ms = at;
      change_health(health_state::unavailable, {"db1.example:27017 refused the connection"}, at);
      change_breaker(breaker_state::open, "6 of 10 calls failed (60%), the threshold is 50%", at);
      now_.restarts.push_back({"connector", "unexpected message", at});
      ++now_.parts[1].restarts;
      ++stats.restarts;
      return;
    default: change_health(health_state::healthy, {}, at);
  }
  stats.phase = pool_phase::ready;
  change_breaker(breaker_state::closed, "3 of 3 probes succeeded", at);
  if (next == scene::recovery)
    ++stats.reconnections;
}

std::shared_ptr<const pool_snapshot> scripted_pool::next(std::int64_t at, duration step) {
  ++tick_;
  now_.at_unix_ms = at;
  now_.health.lasting += step;
  now_.view.operations_breaker.lasts += step;
  ++now_.health.checks;
  switch (scene_) {
    case scene::idle: connections(0, 2, 0); break;
    case scene::load:
    case scene::recovery:
    case scene::injection: play_load(); break;
    case scene::saturation: play_saturation(at); break;
    case scene::outage: play_outage(); break;
  }
  if (scene_ == scene::injection) {
    const std::string evil = "<img src=x onerror=document.title='broken'>";
    now_.view.operations.operations.front().operation = evil;
    for (auto& lease : now_.view.leases)
      lease.operation = evil;
    now_.settings.front().value = evil;
    now_.health.causes = {evil};
  }
  return std::make_shared<const pool_snapshot>(now_);
}

void scripted_pool::change_health(health_state to, std::vector<std::string> causes,
                                  std::int64_t at) {
  auto& health = now_.health;
  health.causes = causes;
  if (health.state == to)
    return;
  health.changes.push_back({health.state, to, std::move(causes), at});
  health.state = now_.view.stats.health = to;
  health.since_unix_ms = at;
  health.lasting = 0s;
}

void scripted_pool::change_breaker(breaker_state to, const std::string& cause, std::int64_t at) {
  auto& breaker = now_.view.operations_breaker;
  if (breaker.state == to)
    return;
  now_.view.breaker_history.push_back(
    {breaker_scope::operations, {breaker.state, to, cause, 0s}, at});
  breaker.state = to;
  breaker.lasts = 0s;
  ++breaker.transitions;
}

void scripted_pool::connections(std::size_t in_use, std::size_t available, std::size_t pending) {
  auto& view = now_.view;
  view.connections.clear();
  view.leases.clear();
  for (std::size_t i = 0; i < in_use + available + pending; ++i) {
    auto& one = view.connections.emplace_back();
    one.connection = i + 1;
    one.generation = view.stats.generation;
    one.age = std::chrono::seconds{60 + i};
    if (i < in_use)
      lend(i, one);
    else
      one.state = i < in_use + available ? connection_state::available : connection_state::pending;
  }
  auto& stats = view.stats;
  stats.in_use = stats.out = in_use;
  stats.available = available;
  stats.pending = pending;
  stats.total = in_use + available + pending;
}

void scripted_pool::lend(std::size_t slot, connection_view& to) {
  auto& lease = now_.view.leases.emplace_back();
  lease.lease = to.lease = 1'000 + tick_ * size + slot;
  to.state = connection_state::in_use;
  lease.connection = to.connection;
  lease.use = static_cast<lease_use>(slot % 3);
  lease.operation = operations.at((tick_ + slot) % operations.size());
  lease.borrower = 100 + slot;
  lease.borrower_name = "order_desk";
  lease.held = std::chrono::milliseconds{3 + 17 * slot};
  lease.since_unix_ms = now_.at_unix_ms;
  lease.threshold = 60s;
  lease.where = "orders.cpp:42 (place_order)";
}

void scripted_pool::work(std::uint64_t calls, duration took, bool failed) {
  auto& all = now_.view.operations.operations;
  for (std::uint64_t i = 0; i < calls; ++i) {
    auto& one = all[i % all.size()];
    (failed ? one.failed : one.succeeded).add(took * static_cast<std::int64_t>(1 + i % 7));
    now_.view.use_time.add(took);
  }
  auto& stats = now_.view.stats;
  stats.granted += calls;
  stats.returned = stats.granted - stats.out;
  (failed ? stats.errors : stats.attempts) += failed ? calls : 0;
}

void scripted_pool::play_load() {
  connections(3, 5, 0);
  auto& view = now_.view;
  view.stats.waiting = 0;
  view.oldest_wait = 0s;
  work(100 + tick_ % 5 * 8, 2ms, false);
  for (int i = 0; i < 100; ++i)
    view.wait_time.add(80us);
  now_.health.round_trip_mean = std::chrono::microseconds{1'200 + tick_ % 4 * 130};
}

void scripted_pool::play_saturation(std::int64_t at) {
  connections(size, 0, 0);
  auto& view = now_.view;
  view.stats.waiting = 57;
  view.oldest_wait = 430ms;
  view.leases.front().held = 75s;
  work(220, 40ms, false);
  for (int i = 0; i < 220; ++i)
    view.wait_time.add(std::chrono::milliseconds{180 + i});
  view.stats.shed += 3;
  view.stats.refused += 3;
  now_.health.round_trip_mean = 9ms;
  if (now_.leaks.latest.empty()) {
    now_.leaks.suspected = now_.leaks.out_now = 1;
    now_.leaks.latest.push_back({view.leases.front(), leak_outcome::out});
    slow_command slow{"search products",
                      "find",
                      "shop",
                      "products",
                      "{name: ?, price: {$lt: ?}}",
                      "db1.example:27017",
                      1'340ms,
                      100ms,
                      false,
                      4,
                      12};
    view.operations.latest_slow.push_back({slow, at});
    ++view.operations.operations.back().slow;
  }
}

void scripted_pool::play_outage() {
  connections(0, 0, 1);
  auto& view = now_.view;
  view.stats.waiting = 0;
  view.oldest_wait = 0s;
  view.stats.refused += 40;
  ++view.stats.errors;
  view.operations_breaker.refused += 40;
  ++now_.health.failed_checks;
  now_.health.round_trip_mean = 0s;
}

} // namespace moor::test
