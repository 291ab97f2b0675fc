// Pieces of TOML as text. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "moor/config/setting_table.hpp"

namespace moor {

/// A text in double quotes with escapes that TOML and JSON share. Bytes that are not UTF-8 become
/// `?`.
std::string quoted_string(std::string_view text);

/// A value of the setting, as its table prints it, in the form that the TOML file has: `20`,
/// `"250ms"`, `0.1`, `true`.
std::string toml_value(const setting_entry& entry, std::string_view printed);

/// `# text`, one line whatever the text holds.
std::string toml_comment(std::string_view text);

} // namespace moor
