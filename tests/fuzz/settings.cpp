// Settings from all sources: lines "<source><key>=<value>", made into layers and resolved.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "fuzz/check.hpp"
#include "moor/config/layers.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"

namespace {

using moor::fuzz::require;

constexpr std::array sources{moor::source::code, moor::source::file, moor::source::environment,
                             moor::source::command_line};

/// The first byte of a line says which source it belongs to.
std::vector<moor::layer> layers_of(std::string_view text) {
  std::vector<moor::layer> all;
  for (const auto from : sources)
    all.push_back({from, {}});
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto equals = line.find('=');
    if (equals == line.npos || equals == 0)
      continue;
    auto& one = all[static_cast<unsigned char>(line[0]) % sources.size()];
    one.values.push_back(
      {std::string{line.substr(1, equals - 1)}, std::string{line.substr(equals + 1)}});
  }
  return all;
}

void check_values(const moor::settings& values) {
  for (const auto& entry : moor::setting_table()) {
    if (entry.secret) // is printed as something else
      continue;
    auto copy = values;
    const auto text = entry.print(values);
    require(entry.assign(copy, text).empty(), "what a setting prints can be read");
    require(entry.print(copy) == text, "and means the same");
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto found = moor::resolve(layers_of(moor::fuzz::text_of(data, size)));
  for (const auto& one : found.findings)
    require(!moor::has_control_character(to_string(one)), "findings are one line");
  for (const auto& line : moor::explain(found))
    require(!moor::has_control_character(line), "explanations are one line");
  if (found.ok())
    check_values(found.value);
  return 0;
}
