// TOML files of settings: read, resolved, written, and read again as the same.
#include <string>

#include "fuzz/check.hpp"
#include "moor/config/effective.hpp"
#include "moor/config/layers.hpp"
#include "moor/config/text.hpp"
#include "moor/config/toml_file.hpp"

namespace {

using moor::fuzz::require;

void check_findings(const std::vector<moor::finding>& found) {
  for (const auto& one : found)
    require(!moor::has_control_character(to_string(one)), "findings are one line");
}

/// What is written is a file that sets the same. The connection string is left out of it.
void check_written(const moor::resolved& first) {
  const auto file = moor::parse_settings_file(moor::write_toml(first.value, first.from), "w");
  require(file.findings.empty(), "what is written can be read");
  const moor::layer uri{moor::source::code, {{"uri", std::string{first.value.uri.reveal()}}}};
  const auto again = moor::resolve({file.common, uri});
  for (const auto& entry : moor::setting_table())
    require(entry.print(again.value) == entry.print(first.value), "and means the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = moor::parse_settings_file(moor::fuzz::text_of(data, size), "f");
  check_findings(file.findings);
  for (const auto& pool : file.pools)
    check_findings(moor::resolve({file.common, pool.values}).findings);
  const auto found = moor::resolve({file.common});
  check_findings(found.findings);
  if (found.ok())
    check_written(found);
  return 0;
}
