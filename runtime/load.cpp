#include "moor/runtime/load.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "moor/config/secret_files.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"
#include "moor/config/toml_file.hpp"
#include "moor/runtime/environment.hpp"
#include "moor/runtime/small_file.hpp"

namespace moor {

namespace {

/// Connection strings pass through layers as texts like any other.
void wipe_secrets(layer& values) {
  for (auto& one : values.values)
    if (const auto index = index_of(one.key); index && setting_table()[*index].secret)
      wipe(one.text);
}

void mark_exposed(layer& values) {
  for (auto& one : values.values)
    one.exposed = true;
}

settings_file unusable(const std::string& path, const std::string& place, std::string problem) {
  settings_file result;
  result.findings.push_back({"config", printable(path), source::toml, place, std::move(problem),
                             "allowed is a TOML file of at most 1 MiB"});
  return result;
}

/// An empty name is a mistake like any other, where somebody gave it.
settings_file read_settings_file(const std::string& path, const std::string& place) {
  if (path.empty())
    return unusable(path, place, "is empty");
  const auto file = read_small_file(path, largest_settings_file);
  if (!file.problem.empty())
    return unusable(path, place, file.problem);
  auto result = parse_settings_file(file.text.reveal(), path);
  if (file.exposed) {
    mark_exposed(result.common);
    for (auto& pool : result.pools)
      mark_exposed(pool.values);
  }
  return result;
}

/// All sources read once; what is read is wiped at the end.
class sources {
public:
  explicit sources(const setting_sources& given) : given_{given}, environment_{read_environment()} {
    if (!given.config_place.empty() || !given.config_file.empty())
      file_ = read_settings_file(given.config_file, given.config_place.empty()
                                                      ? std::string{to_string(source::code)}
                                                      : given.config_place);
    else if (const auto path = config_file_of_environment())
      file_ = read_settings_file(*path, "environment variable MOOR_CONFIG");
  }

  ~sources() {
    wipe_secrets(environment_);
    wipe_secrets(file_.common);
    for (auto& pool : file_.pools)
      wipe_secrets(pool.values);
  }
  sources(const sources&) = delete;
  sources& operator=(const sources&) = delete;

  const std::vector<pool_layer>& pools() const noexcept { return file_.pools; }

  resolved resolve_for(const layer& own) const {
    const std::array<const layer*, 6> all{&given_.code,  &given_.file,         &file_.common,
                                          &environment_, &given_.command_line, &own};
    auto result = resolve_layers(all, read_secret_file);
    result.findings.insert(result.findings.begin(), file_.findings.begin(), file_.findings.end());
    return result;
  }

private:
  const setting_sources& given_;
  layer environment_;
  settings_file file_;
};

} // namespace

resolved load_settings(const setting_sources& from) {
  const sources all{from};
  auto result = all.resolve_for({source::pool, {}});
  if (!all.pools().empty()) {
    const auto& first = all.pools().front().values.values.front();
    result.findings.push_back(
      {"pools." + printable(first.text), std::nullopt, source::pool, first.place,
       "is the table of one pool among several",
       "this program has one pool, and takes its settings from [moor]; allowed is a file "
       "without such tables, or a program that uses load_pools"});
  }
  return result;
}

resolved_pools load_pools(const setting_sources& from) {
  const sources all{from};
  resolved_pools result;
  for (const auto& pool : all.pools())
    result.pools.push_back(all.resolve_for(pool.values));
  if (result.pools.empty())
    result.pools.push_back(all.resolve_for({source::pool, {}}));
  std::set<std::string> seen;
  for (const auto& pool : result.pools)
    for (const auto& one : pool.findings)
      if (seen.insert(to_string(one)).second)
        result.findings.push_back(one);
  return result;
}

std::vector<finding> read_secret_files(settings& values) {
  origins from;
  return fill_from_files(values, from, read_secret_file);
}

} // namespace moor
