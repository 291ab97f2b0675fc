#include "moor/config/finding.hpp"

#include <algorithm>

#include "moor/config/connection_string.hpp"
#include "moor/config/text.hpp"

namespace moor {

std::string_view to_string(severity grade) noexcept {
  return grade == severity::error ? "error" : "warning";
}

std::string_view to_string(source from) noexcept {
  switch (from) {
    case source::profile: return "the profile";
    case source::code: return "the program's code";
    case source::connection_string: return "the connection string";
    case source::file: return "the config file";
    case source::toml: return "the TOML file";
    case source::environment: return "the environment";
    case source::command_line: return "the command line";
    case source::pool: return "the pool's table in the TOML file";
  }
  return "nowhere known";
}

origin origin_at(const origins& from, std::size_t index) {
  return index < from.size() ? from[index] : origin{};
}

std::string to_string(const finding& what) {
  std::string result = what.grade == severity::warning ? "warning: " + what.setting : what.setting;
  if (what.value)
    result.append(" = ").append(*what.value);
  result.append(" (").append(what.where).append(") ").append(what.problem);
  return result.append("; ").append(what.advice).append(".");
}

bool has_errors(const std::vector<finding>& findings) noexcept {
  return std::ranges::any_of(findings, [](const finding& x) { return x.grade == severity::error; });
}

std::string printable(std::string_view value) {
  const bool suspicious
    = value.find("://") != std::string_view::npos || value.find('@') != std::string_view::npos;
  return quoted(suspicious ? redact(value) : value);
}

} // namespace moor
