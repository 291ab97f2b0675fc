#include "moor/actors/load_lines.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "moor/actors/log_fields.hpp"

namespace moor::actors {

namespace {

std::string fit_for_list(std::string name) {
  const auto disturbs
    = [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '\\' || c == ',' || c == ':'; };
  std::replace_if(name.begin(), name.end(), disturbs, '_');
  return name;
}

} // namespace

std::string top_holders(const holders& all, std::size_t most) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted{all.begin(), all.end()};
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  sorted.resize(std::min(sorted.size(), most));
  std::string list;
  for (const auto& [name, count] : sorted)
    list += (list.empty() ? "" : ",") + fit_for_list(name) + ":" + std::to_string(count);
  return list;
}

std::string line_about(const std::string& pool, const machines::saturated& news,
                       const holders& who) {
  return "pool=\"" + pool + "\" event=saturated waiting=" + std::to_string(news.waiting)
         + " oldest_ms=" + milliseconds(news.oldest) + " in_use=" + std::to_string(news.in_use)
         + " holders=\"" + top_holders(who) + '"';
}

std::string line_about(const std::string& pool, const machines::relieved& news) {
  return "pool=\"" + pool + "\" event=relieved lasted_ms=" + milliseconds(news.lasted)
         + " most_waiting=" + std::to_string(news.most_waiting);
}

std::string line_about(const std::string& pool, const slow_command& news) {
  return "pool=\"" + pool + "\" event=slow_command operation=" + quoted(news.operation)
         + " command=" + quoted(news.command) + " database=" + quoted(news.database)
         + " collection=" + quoted(news.collection) + " shape=" + quoted(news.shape) + " took_ms="
         + milliseconds(news.took) + " threshold_ms=" + milliseconds(news.threshold) + " failed="
         + (news.failed ? "yes" : "no") + " connection=" + std::to_string(news.connection)
         + " server=" + quoted(news.server) + " suppressed=" + std::to_string(news.suppressed);
}

} // namespace moor::actors
