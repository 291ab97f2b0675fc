// What a text must not have if a TOML parser is to read it in bounded memory and stack.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace moor {

/// A mistake at one place of a text; lines and columns (in characters) count from 1.
struct text_mistake {
  std::size_t line = 1;
  std::size_t column = 1;
  /// What follows the name of the text: "is not UTF-8".
  std::string problem;
};

/// Parts that a dotted key may have. Each is a table within another one, and a parser's recursion.
inline constexpr std::size_t most_key_parts = 32;

/// Lists and inline tables within each other.
inline constexpr std::size_t most_nested_values = 16;

/// The first place at which the text is not UTF-8, one of these bounds is exceeded, or something is
/// no TOML that toml++ 3.3 answers with undefined behaviour: a bracket that closes another one
/// (`[1,}`), a table without a name (`[=]`), a date and a T without a time, control characters, a
/// quote in the middle of a word (`a = 1"b"`), and characters beyond ASCII outside of quotes or
/// behind a backslash. Says nothing else of TOML's syntax. Pure; any thread.
std::optional<text_mistake> find_excess(std::string_view text);

} // namespace moor
