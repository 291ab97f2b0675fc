// What is wrong with a setting, said so that it can be put right at its source.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moor {

/// What follows from a finding: settings with an error cannot be used, those with a warning can.
enum class severity : std::uint8_t { error, warning };

/// "error" or "warning".
std::string_view to_string(severity grade) noexcept;

/// Where a setting's value came from, from the weakest to the strongest.
enum class source : std::uint8_t {
  profile,           ///< the default of the profile in force
  code,              ///< set by the embedding program
  connection_string, ///< an option of the connection string
  file,              ///< the program's config file
  environment,       ///< an environment variable
  command_line,      ///< an argument of the program
};

/// "the config file", "an environment variable", …
std::string_view to_string(source from) noexcept;

/// One violated rule. Free of secrets: the text may go to a log.
struct finding {
  /// Key of the setting, name of the option of the connection string, or the unknown name as it was
  /// written.
  std::string setting;
  /// The value as far as it may be shown; absent if there is none, or if it belongs to no known
  /// setting.
  std::optional<std::string> value;
  source from = source::code;
  /// The place to mend it: "environment variable DB_POOL_SIZE".
  std::string where;
  /// What is wrong, "is negative".
  std::string problem;
  /// What is allowed, "allowed is a whole number from 1 to 10000".
  std::string advice;
  severity grade = severity::error;
};

/// One sentence that names the setting, its value, where it came from, and what is allowed.
std::string to_string(const finding& what);

/// Whether one of them is an error.
bool has_errors(const std::vector<finding>& findings) noexcept;

/// A value in quotes, fit for one line of a log. Whatever could be or hold a connection string is
/// redacted, also where none belongs: variables get mixed up.
std::string printable(std::string_view value);

} // namespace moor
