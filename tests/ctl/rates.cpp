#define CAF_SUITE ctl_rates

#include "moor/ctl/rates.hpp"

#include <string>

#include <caf/test/unit_test.hpp>

using namespace moor::ctl;

namespace {

stats at(std::int64_t unix_ms, std::int64_t began = 1) {
  pool_figures_row pool;
  pool.name = "p";
  pool.at_unix_ms = unix_ms;
  pool.began_unix_ms = began;
  return {unix_ms, {pool}};
}

std::int64_t before_latest(const stats_history& history) {
  const auto* pool = history.before(history.latest().pools.front());
  return pool == nullptr ? 0 : pool->at_unix_ms;
}

} // namespace

CAF_TEST(a pool is compared with itself a second ago) {
  stats_history history;
  CAF_CHECK(history.empty());
  history.add(at(10'000));
  CAF_CHECK_EQUAL(before_latest(history), 0);
  history.add(at(10'250));
  CAF_CHECK_EQUAL(before_latest(history), 10'000);
  history.add(at(10'900));
  history.add(at(11'300));
  CAF_CHECK_EQUAL(before_latest(history), 10'250);
  history.add(at(11'300)); // the component has no news
  CAF_CHECK_EQUAL(before_latest(history), 10'250);
}

CAF_TEST(another run of the pool is no comparison) {
  stats_history history;
  history.add(at(10'000));
  history.add(at(12'000, 11'000));
  CAF_CHECK_EQUAL(before_latest(history), 0);
}

CAF_TEST(the history is bounded) {
  stats_history history;
  for (std::int64_t i = 1; i <= 100; ++i)
    history.add(at(i));
  CAF_CHECK_EQUAL(before_latest(history), 100 - static_cast<std::int64_t>(stats_history::most) + 1);
}

CAF_TEST(rates and means of an interval) {
  CAF_CHECK_EQUAL(rate_of(100, 300, 2000).value_or(-1), 100.0);
  CAF_CHECK(!rate_of(100, 300, 0));
  CAF_CHECK(!rate_of(300, 100, 1000));
  const timing then{10, 100, 50};
  const timing now{14, 120, 50};
  CAF_CHECK_EQUAL(mean_ms(&then, now).value_or(-1), 5.0);
  CAF_CHECK_EQUAL(mean_ms(nullptr, then).value_or(-1), 10.0);
  CAF_CHECK(!mean_ms(&now, now));
}

CAF_TEST(figures are read where they are and left alone where not ) {
  const auto read = read_stats(R"({"now_unix_ms": 5, "pools": [{"pool": "a\u001b[2J",
    "pool_answers": true, "view": {"stats": {"in_use": 3, "waiting": "many", "phase": "ready"},
    "wait_time": {"count": 2, "total_ms": 1.5}, "leases": [{"lease": 7, "held_ms": 2.5,
    "borrower": 4, "borrower_name": "user"}]}, "health": {"state": "healthy",
    "server": {"connections_available": null, "connections_current": 4}}}, {"pool": "b", "view": {"stats": {}}}]})");
  CAF_REQUIRE(read);
  CAF_REQUIRE_EQUAL(read->pools.size(), 2U);
  const auto& pool = read->pools.front();
  CAF_CHECK_EQUAL(pool.name, "a?[2J");
  CAF_CHECK_EQUAL(pool.in_use, 3U);
  CAF_CHECK_EQUAL(pool.waiting, 0U);
  CAF_CHECK_EQUAL(pool.phase, "ready");
  CAF_CHECK_EQUAL(pool.wait_time.total_ms, 1.5);
  CAF_CHECK_EQUAL(pool.leases.front().borrower, "user#4");
  CAF_CHECK(pool.server_connections && *pool.server_connections == 4);
  CAF_CHECK(!pool.server_available);
  CAF_CHECK_EQUAL(read->pools.back().name, "b");
}

CAF_TEST(what is no answer of a component is told) {
  for (const char* text : {"", "{}", "[]", "<html>", "{\"pools\": 3}", "{\"pools\": [}"})
    CAF_CHECK(!read_stats(text));
  const auto with_pools = [](const std::string& pools) {
    return read_stats(R"({"now_unix_ms": 5, "pools": [)" + pools + "]}");
  };
  CAF_CHECK(!read_stats({"{\"now_unix_ms\": 5, \"pools\": []}\0\x1B[2J", 37}));
  const std::string pool = R"({"pool": "a", "view": {"stats": {}}})";
  CAF_CHECK(with_pools("") && with_pools(pool)); // a component may have no pool yet
  CAF_CHECK(!read_stats(R"({"pools": [)" + pool + "]}"));
  for (const char* other : {"{}", "17", R"({"pool": "a"})", R"({"pool": 1, "view": {"stats": {}}})",
                            R"({"pool": "a", "view": {}})"}) {
    CAF_CHECK(!with_pools(other));
    CAF_CHECK(!with_pools(pool + "," + other));
  }
}
