// What is wrong with a setting, said so that it can be put right at its source.
#pragma once

#include <cstddef>
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
  file,              ///< CAF's config file of the program
  toml,              ///< the TOML file, what it says for all pools
  environment,       ///< an environment variable
  command_line,      ///< an argument of the program
  pool,              ///< the TOML file, the pool's own table
};

/// Where one setting's value came from.
struct origin {
  source from = source::code;
  /// Whether the value given there could be used. If not, a default stands in for it, which is not
  /// judged: its finding was already made when it was read.
  bool readable = true;
  /// The place in words, `moor.toml:3:17`, where `from` alone does not say it; else empty.
  std::string place = {};
};

/// One origin per setting, in the order of the setting table.
using origins = std::vector<origin>;

/// The origin of the setting at `index` of the table; the program's code if `from` does not say.
origin origin_at(const origins& from, std::size_t index);

/// "the config file", "the environment", …
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
  /// Name of the rule if it is one of policy, which is an error in production alone:
  /// "world-readable-secrets"; else empty.
  std::string policy = {};
};

/// One sentence that names the setting, its value, where it came from, and what is allowed.
std::string to_string(const finding& what);

/// Whether one of them is an error.
bool has_errors(const std::vector<finding>& findings) noexcept;

/// A value in quotes, fit for one line of a log. Whatever could be or hold a connection string is
/// redacted, also where none belongs: variables get mixed up.
std::string printable(std::string_view value);

} // namespace moor
