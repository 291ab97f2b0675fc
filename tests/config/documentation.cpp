#define CAF_SUITE config_documentation

#include <fstream>
#include <iterator>
#include <string>

#include <caf/test/unit_test.hpp>

#include "moor/config/setting_table.hpp"

using namespace moor;

namespace {

std::string code(std::string_view text) {
  return text.empty() ? "" : "`" + std::string{text} + "`";
}

std::string default_of(const setting_entry& entry, profile which) {
  const auto text = entry.print(settings_for(which));
  return text.empty() ? "required" : code(text);
}

/// The row that docs/configuration.md must have for a setting.
std::string row(const setting_entry& entry) {
  auto allowed = entry.allowed();
  if (entry.kind == setting_kind::time)
    allowed.erase(allowed.find(", such as"));
  return "| " + code(entry.key) + " | " + default_of(entry, profile::production) + " | "
         + default_of(entry, profile::development) + " | " + code(entry.environment) + " | "
         + code(entry.uri_option) + (entry.uri_option.empty() ? "| " : " | ") + allowed + " | "
         + std::string{entry.meaning} + " |\n";
}

} // namespace

CAF_TEST(what needs a restart is documented and nothing else) {
  std::ifstream file{MOOR_DOCS_DIR "/configuration.md"};
  CAF_REQUIRE(file.good());
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto begin = text.find("| needs a restart |");
  CAF_REQUIRE_NOT_EQUAL(begin, std::string::npos);
  const auto rows = text.substr(begin, text.find("\n\n", begin) - begin);
  for (const auto& entry : setting_table())
    CAF_CHECK_EQUAL(rows.find("\n| " + code(entry.key) + " |") != std::string::npos,
                    entry.when == takes_effect::after_restart);
}

CAF_TEST(the documented table is the table of the code) {
  std::ifstream file{MOOR_DOCS_DIR "/configuration.md"};
  CAF_REQUIRE(file.good());
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::string expected;
  for (const auto& entry : setting_table())
    expected += row(entry);
  const auto rows = text.find("| `" + std::string{setting_table().front().key} + "` |");
  CAF_REQUIRE_NOT_EQUAL(rows, std::string::npos);
  CAF_CHECK_EQUAL(text.substr(rows, expected.size() + 1), expected + "\n");
}
