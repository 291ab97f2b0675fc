#include "moor/ctl/top_view.hpp"

#include <algorithm>
#include <utility>

#include "moor/ctl/format.hpp"
#include "moor/ctl/pool_lines.hpp"

namespace moor::ctl {

namespace {

using lines = std::vector<line>;

void append(lines& to, lines more) {
  std::ranges::move(more, std::back_inserter(to));
}

lines head_of(const top_scene& scene) {
  const auto refreshed
    = scene.interval.empty() ? std::string{} : ", every " + scene.interval + ", q ends";
  lines result{{"moorctl top: " + harmless(scene.url) + refreshed, tone::strong}};
  if (!scene.lost.empty())
    result.push_back({"NO CONTACT for " + for_people(scene.lost_for) + ": " + harmless(scene.lost)
                        + "; asking again",
                      tone::bad});
  return result;
}

/// The room that each table gets: all of them the same, but none more than it wants.
std::vector<std::size_t> shares(const std::vector<lines>& tables, std::size_t room) {
  std::vector<std::size_t> result(tables.size(), 0);
  for (bool grew = true; grew && room > 0;) {
    grew = false;
    for (std::size_t i = 0; i < tables.size() && room > 0; ++i)
      if (result[i] < tables[i].size()) {
        ++result[i];
        --room;
        grew = true;
      }
  }
  return result;
}

/// Ends a table that was cut with the number of rows that are not shown.
lines cut(lines table, std::size_t room) {
  if (table.size() <= room)
    return table;
  if (room < 3) // the head, a row and how many more there are, or nothing
    return {};
  const auto hidden = table.size() - room + 1;
  table.resize(room - 1);
  table.push_back({"  and " + std::to_string(hidden) + " more", tone::faint});
  return table;
}

} // namespace

std::vector<std::string> draw(const top_scene& scene, const stats_history& history,
                              screen_size size, const paint& colour) {
  auto shown = head_of(scene);
  if (history.empty() && scene.lost.empty())
    shown.push_back({"asking", tone::faint});
  if (!history.empty() && history.latest().pools.empty())
    shown.push_back({"the component has no pool with metrics", tone::warning});
  std::vector<lines> states;
  std::vector<lines> tables; // two for each pool
  std::size_t taken = shown.size();
  if (!history.empty())
    for (const auto& pool : history.latest().pools) {
      const auto* before = history.before(pool);
      states.push_back(state_lines(pool, before, history.latest().now_unix_ms));
      tables.push_back(operation_lines(pool, before, size.columns));
      tables.push_back(lease_lines(pool, size.columns));
      taken += states.back().size() + 1;
    }
  const auto rooms = shares(tables, size.rows > taken ? size.rows - taken : 0);
  for (std::size_t i = 0; i < states.size(); ++i) {
    shown.push_back({});
    append(shown, std::move(states[i]));
    append(shown, cut(std::move(tables[2 * i]), rooms[2 * i]));
    append(shown, cut(std::move(tables[2 * i + 1]), rooms[2 * i + 1]));
  }
  shown.resize(std::min(shown.size(), size.rows));
  std::vector<std::string> result;
  for (const auto& one : shown) {
    const auto text = columns(one.text) > size.columns ? fitted(one.text, size.columns) : one.text;
    result.push_back(colour(one.how, text));
  }
  return result;
}

} // namespace moor::ctl
