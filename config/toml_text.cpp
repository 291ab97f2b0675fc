#include "moor/config/toml_text.hpp"

#include "moor/config/text.hpp"

namespace moor {

namespace {

bool is_control(char c) noexcept {
  return has_control_character({&c, 1});
}

/// The text with a `?` for every byte beyond ASCII, unless it is UTF-8.
std::string as_utf8(std::string_view text) {
  std::string result{text};
  if (!is_utf8(text))
    for (char& c : result)
      c = static_cast<unsigned char>(c) < 0x80 ? c : '?';
  return result;
}

} // namespace

std::string quoted_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result = "\"";
  for (const char c : as_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (result += '\\') += c;
    else if (is_control(c))
      (result += "\\u00") += {digits[byte >> 4U], digits[byte & 0x0FU]};
    else
      result += c;
  }
  return result + '"';
}

std::string toml_value(const setting_entry& entry, std::string_view printed) {
  switch (entry.kind) {
    case setting_kind::count:
    case setting_kind::fraction:
    case setting_kind::number: return std::string{printed};
    case setting_kind::toggle: return printed == "on" ? "true" : "false";
    case setting_kind::time:
    case setting_kind::text: break;
  }
  return quoted_string(printed);
}

std::string toml_comment(std::string_view text) {
  auto result = "# " + as_utf8(text);
  for (char& c : result)
    c = is_control(c) ? '?' : c;
  return result;
}

} // namespace moor
