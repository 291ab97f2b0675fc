#include "moor/ctl/configuration.hpp"

#include <cstddef>

#include "moor/config/connection_string.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/runtime/environment.hpp"

namespace moor::ctl {

namespace {

std::string printed(const setting_entry& entry, const settings& values) {
  auto text = entry.print(values);
  return entry.secret ? redact(text) : text;
}

std::vector<setting_row> rows_of(const resolved& what) {
  std::vector<setting_row> result;
  const auto table = setting_table();
  const auto defaults = settings_for(what.value.profile);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& entry = table[i];
    const auto from = what.from[i].from;
    result.push_back({std::string{entry.key}, printed(entry, what.value),
                      place_in(from, entry, what.value.profile), printed(entry, defaults),
                      from != source::profile});
  }
  return result;
}

} // namespace

configuration load_configuration(const layer& command_line) {
  configuration result{resolve({command_line, read_environment()}), {}, {}};
  result.rows = rows_of(result.settings);
  for (const auto& one : result.settings.findings)
    result.remarks.push_back({true, one.setting, to_string(one)});
  return result;
}

} // namespace moor::ctl
