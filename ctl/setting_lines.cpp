#include "moor/ctl/setting_lines.hpp"

#include <algorithm>

#include "moor/ctl/format.hpp"

namespace moor::ctl {

namespace {

std::string value_of(const setting_row& of) {
  return of.refused ? "refused" : harmless(of.value);
}

} // namespace

std::vector<std::string> setting_lines(const std::vector<setting_row>& rows, bool given_only) {
  constexpr std::size_t widest_value = 24; // what is wider shifts its own line alone
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const auto& one : rows) {
    if (given_only && !one.given)
      continue;
    key_width = std::max(key_width, one.key.size());
    value_width = std::max(value_width, std::min(columns(value_of(one)), widest_value));
  }
  std::vector<std::string> result;
  for (const auto& one : rows) {
    if (given_only && !one.given)
      continue;
    const auto value = value_of(one);
    auto line = fitted(one.key, key_width + 2)
                + fitted(value, std::max(columns(value), value_width)) + "  " + harmless(one.place);
    if (one.given && !one.refused && !one.default_value.empty() && one.default_value != one.value)
      line += " (default " + harmless(one.default_value) + ")";
    result.push_back(std::move(line));
  }
  return result;
}

} // namespace moor::ctl
