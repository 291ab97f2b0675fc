#include "moor/ctl/configuration.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "moor/config/effective.hpp"
#include "moor/runtime/load.hpp"

namespace moor::ctl {

namespace {

/// `--moor.config` names a file, and is no setting itself. The last one counts.
setting_sources sources_of(const setting_arguments& given) {
  setting_sources result;
  for (const auto& one : given.settings.values) {
    if (one.key == "config") {
      result.config_file = one.text;
      result.config_place = "command line option --moor.config";
    } else {
      result.command_line.values.push_back(one);
    }
  }
  return result;
}

std::string names_of(const std::vector<resolved>& pools) {
  constexpr std::size_t most = 10;
  std::string result;
  for (std::size_t i = 0; i < std::min(pools.size(), most); ++i)
    result += (i == 0 ? "" : ", ") + pools[i].value.name;
  return result + (pools.size() > most ? ", ..." : "");
}

/// The pool of that name; the only one if none is named. What cannot be chosen is a finding.
resolved chosen(std::vector<resolved> pools, const std::string& name) {
  const auto found
    = std::ranges::find_if(pools, [&](const resolved& one) { return one.value.name == name; });
  if (found != pools.end())
    return std::move(*found);
  if (name.empty() && pools.size() == 1)
    return std::move(pools.front());
  const auto problem = name.empty() ? "does not say which of the file's pools is meant"
                                    : "is no pool of these settings";
  const finding what{"--pool",
                     name.empty() ? std::nullopt : std::optional{printable(name)},
                     source::command_line,
                     "command line option --pool",
                     problem,
                     "allowed is one of " + names_of(pools)};
  auto result = std::move(pools.front());
  result.findings.push_back(what);
  return result;
}

std::vector<setting_row> rows_of(const resolved& what) {
  std::vector<setting_row> result;
  for (const auto& one : effective_config(what.value, what.from))
    result.push_back({std::string{one.entry->key}, one.value, one.place, one.default_value,
                      one.from != source::profile, one.refused});
  return result;
}

/// Without the word for its severity, which stands beside it here.
std::string sentence_of(finding what) {
  what.grade = severity::error;
  return to_string(what);
}

} // namespace

configuration load_configuration(const setting_arguments& given) {
  configuration result{chosen(load_pools(sources_of(given)).pools, given.pool), {}, {}};
  result.rows = rows_of(result.settings);
  add_findings(result, std::exchange(result.settings.findings, {}));
  return result;
}

void add_findings(configuration& to, const std::vector<finding>& more) {
  for (const auto& one : more) {
    to.settings.findings.push_back(one);
    to.remarks.push_back({one.grade == severity::error, one.setting, sentence_of(one)});
  }
}

} // namespace moor::ctl
