#include "moor/runtime/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

#include "moor/config/setting_table.hpp"

namespace moor {

namespace {

constexpr const char* config_variable = "MOOR_CONFIG";

} // namespace

layer read_environment() {
  layer result{source::environment, {}};
  const auto table = setting_table();
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view pair{*variable};
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = pair.substr(0, equals);
    const auto entry = std::find_if(table.begin(), table.end(),
                                    [&](const setting_entry& x) { return x.environment == name; });
    if (entry != table.end())
      result.values.push_back(
        {std::string{entry->key}, std::string{pair.substr(std::min(equals + 1, pair.size()))}});
    else if (name != config_variable && name.starts_with("MOOR_")
             && !nearest_name(source::environment, name).empty())
      result.values.push_back({std::string{name}, {}});
  }
  return result;
}

std::optional<std::string> config_file_of_environment() {
  const char* path
    = std::getenv(config_variable); // NOLINT(concurrency-mt-unsafe): see read_environment
  return path == nullptr ? std::nullopt : std::optional<std::string>{path};
}

} // namespace moor
