#define CAF_SUITE ctl_top_view

#include "moor/ctl/top_view.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/ctl/format.hpp"

using namespace moor::ctl;
using namespace std::chrono_literals;

namespace {

constexpr auto everything = std::numeric_limits<std::size_t>::max();
const paint plain{false};

pool_figures_row busy_pool(std::int64_t at) {
  pool_figures_row pool;
  pool.name = "default";
  pool.address = "db:27017";
  pool.answers = true;
  pool.health = "healthy";
  pool.phase = "ready";
  pool.at_unix_ms = at;
  pool.began_unix_ms = 1000;
  pool.in_use = 5;
  pool.available = 2;
  pool.total = 7;
  pool.max_size = 10;
  pool.granted = static_cast<std::uint64_t>(at);
  pool.operations_breaker = pool.establishing_breaker = "closed";
  pool.operations
    = {{"look-up", {static_cast<std::uint64_t>(at) / 2, 100.0, 9.0}, {3, 1.0, 1.0}, 2}};
  for (std::uint64_t i = 0; i < 5; ++i)
    pool.leases.push_back({i, i + 1, "run", "look-up", "client#4", "a.cpp:1", 12.5});
  return pool;
}

stats_history history_of(const std::vector<std::int64_t>& times) {
  stats_history history;
  for (const auto at : times)
    history.add({at, {busy_pool(at)}});
  return history;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += line + '\n';
  return text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const top_scene live{"http://a:1/stats", "1s", {}, {}};

} // namespace

CAF_TEST(the figures are there with their rates) {
  const auto text = joined(draw(live, history_of({5000, 7000}), {120, everything}, plain));
  CAF_MESSAGE(text);
  CAF_CHECK(has(text, "moorctl top: http://a:1/stats, every 1s, q ends\n"));
  CAF_CHECK(has(text, "pool default: healthy (ready, generation 0), db:27017, for 6.00 s\n"));
  CAF_CHECK(has(text, "[##########++++......] 5 in use, 2 available, 0 to 10 wanted\n"));
  CAF_CHECK(has(text, "7,000 granted (1,000/s)"));
  CAF_CHECK(has(text, "look-up"));
  CAF_CHECK(has(text, "500/s"));
  CAF_CHECK(has(text, "client#4"));
}

CAF_TEST(a single snapshot has totals and no rates) {
  const auto text = joined(draw({"u", {}, {}, {}}, history_of({5000}), {120, everything}, plain));
  CAF_CHECK(has(text, "moorctl top: u\n"));
  CAF_CHECK(has(text, "5,000 granted, "));
  CAF_CHECK(!has(text, "/s"));
}

CAF_TEST(whatever the size no line and no column is beyond it) {
  const auto history = history_of({5000, 7000});
  for (const std::size_t width : {1U, 2U, 10U, 40U, 80U, 200U})
    for (const std::size_t rows : {1U, 2U, 5U, 12U, 14U, 18U, 24U, 60U}) {
      const auto lines = draw(live, history, {width, rows}, plain);
      CAF_CHECK(lines.size() <= rows);
      CAF_CHECK(std::ranges::all_of(lines, [&](const auto& x) { return columns(x) <= width; }));
    }
}

CAF_TEST(tables are cut where there is no room) {
  const auto history = history_of({5000});
  const auto all = draw(live, history, {120, everything}, plain);
  const auto fewer = draw(live, history, {120, all.size() - 2}, plain);
  CAF_CHECK(has(joined(fewer), "  and 3 more\n"));
  CAF_CHECK(!has(joined(all), "more\n"));
}

CAF_TEST(lost contact is told and the last figures stay) {
  auto scene = live;
  scene.lost = "refused\x1b[2J";
  scene.lost_for = 3s;
  const auto text = joined(draw(scene, history_of({5000}), {120, 24}, plain));
  CAF_CHECK(has(text, "NO CONTACT for 3.00 s: refused?[2J; asking again\n"));
  CAF_CHECK(has(text, "pool default"));
  CAF_CHECK(has(joined(draw(scene, {}, {120, 24}, plain)), "NO CONTACT"));
  CAF_CHECK(has(joined(draw(live, {}, {120, 24}, plain)), "asking\n"));
}

CAF_TEST(trouble is named) {
  auto pool = busy_pool(5000);
  pool.health = "degraded";
  pool.causes = {"one", "two", "three", "four"};
  pool.waiting = 2;
  pool.oldest_wait_ms = 20;
  pool.last_error = "it broke";
  pool.last_error_unix_ms = 2000;
  pool.answers = false;
  stats_history history;
  history.add({5000, {pool}});
  const auto text = joined(draw(live, history, {120, everything}, plain));
  CAF_CHECK(has(text, "degraded, does not answer"));
  CAF_CHECK(has(text, "three\n"));
  CAF_CHECK(!has(text, "four\n"));
  CAF_CHECK(has(text, "2 requests, the oldest for 20.0 ms\n"));
  CAF_CHECK(has(text, "3.00 s ago: it broke\n"));
}

CAF_TEST(a component without pools says so) {
  stats_history history;
  history.add({5000, {}});
  CAF_CHECK(has(joined(draw(live, history, {80, 24}, plain)), "no pool with metrics"));
}
