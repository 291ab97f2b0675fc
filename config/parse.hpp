// Strict parsing and printing of the values that settings are made of. Pure; any thread.
//
// Nothing is guessed: surrounding blanks, a plus sign, thousands separators, trailing characters
// and values that do not fit are refused, each with the words of a sentence that begins with the
// value
// ("is negative", "has no unit …").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "moor/config/duration.hpp"

namespace moor {

/// A value, or the reason why the text is none.
template <class T>
struct parsed {
  std::optional<T> value;
  /// Empty if there is a value. Never contains the text that was refused.
  std::string problem;

  explicit operator bool() const noexcept { return value.has_value(); }
};

/// A whole number of decimal digits: `50`.
parsed<std::uint64_t> parse_count(std::string_view text);

/// A whole number and a unit, with at most one blank between: `250ms`, `5s`, `30 min`, `1h`. Units
/// are `ns`, `us`, `ms`, `s`, `min` and `h`; only `0` needs none. Up to 2^63 - 1 nanoseconds (292
/// years).
parsed<duration> parse_duration(std::string_view text);

/// A whole number of milliseconds without a unit, as the URI options ending in `MS` have it:
/// `5000`.
parsed<duration> parse_milliseconds(std::string_view text);

/// A finite decimal number, not negative: `2`, `1.5`, `1e3`.
parsed<double> parse_number(std::string_view text);

/// A number as for `parse_number`, or a percentage: `0.1` and `10%` are the same.
parsed<double> parse_fraction(std::string_view text);

/// The shortest text that `parse_duration` reads back as `span`: `90s`, `30min`, `0`.
std::string format_duration(duration span);

/// The shortest text that `parse_number` reads back as `number`.
std::string format_number(double number);

} // namespace moor
