// Small text helpers shared by the parsers of settings and connection strings. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace moor {

/// Whether `c` is an ASCII letter or digit, in every locale.
bool is_alphanumeric(char c) noexcept;

/// ASCII letters in lower case, every other byte unchanged.
std::string to_lower(std::string_view text);

/// Whether `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text) noexcept;

/// Whether `text` holds a control character (below 0x20, or 0x7F).
bool has_control_character(std::string_view text) noexcept;

/// `text` with every `%XX` replaced by its byte (RFC 3986, section 2.1). Nothing if a percent sign
/// is not followed by two hexadecimal digits, stands for a zero byte (it would cut a C string), or
/// if the result is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text);

/// Single-character insertions, deletions and replacements that turn one text into the other.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// `text` in double quotes, cut at 80 bytes, with control characters and non-ASCII bytes as `\xNN`:
/// one line, whatever the input was.
std::string quoted(std::string_view text);

} // namespace moor
