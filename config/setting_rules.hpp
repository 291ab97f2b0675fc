// What a single setting may be: how each kind of value is read, printed, and which range is
// allowed. Used by the setting table alone.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "moor/config/parse.hpp"
#include "moor/config/setting_table.hpp"

namespace moor::rules {

/// What is wrong with a value that must lie in [least, most]; empty if it does.
template <class T>
std::string out_of_range(T value, T least, T most) {
  if (value < least)
    return "is too small";
  return value > most ? "is too large" : "";
}

struct count_rule {
  static constexpr auto kind = setting_kind::count;
  std::uint64_t least;
  std::uint64_t most;

  static parsed<std::uint64_t> read(std::string_view text) { return parse_count(text); }
  static std::string print(std::uint64_t value) { return std::to_string(value); }

  std::string problem(std::uint64_t value) const { return out_of_range(value, least, most); }
  std::string allowed() const {
    return "a whole number from " + print(least) + " to " + print(most);
  }
};

/// A span from `least` to `most` nanoseconds, and 0 if `zero` is set.
struct duration_rule {
  static constexpr auto kind = setting_kind::time;
  std::int64_t least;
  std::int64_t most;
  bool zero;

  static parsed<duration> read(std::string_view text) { return parse_duration(text); }
  static std::string print(duration value) { return format_duration(value); }

  std::string problem(duration value) const {
    if (zero && value == duration::zero())
      return {};
    return value < duration::zero() ? "is negative" : out_of_range(value.count(), least, most);
  }
  std::string allowed() const {
    return std::string{zero ? "0 or " : ""} + "a duration from " + print(duration{least}) + " to "
           + print(duration{most}) + ", such as 250ms, 5s, 30min or 1h";
  }
};

/// A number from `least` to `most`; `percent` allows `10%` for `0.1`.
struct number_rule {
  double least;
  double most;

  static std::string print(double value) { return format_number(value); }

  std::string problem(double value) const {
    return std::isfinite(value) ? out_of_range(value, least, most) : "is not finite";
  }
  std::string allowed() const { return "a number from " + print(least) + " to " + print(most); }
};

struct factor_rule : number_rule {
  static constexpr auto kind = setting_kind::number;
  static parsed<double> read(std::string_view text) { return parse_number(text); }
};

struct fraction_rule : number_rule {
  static constexpr auto kind = setting_kind::fraction;
  static parsed<double> read(std::string_view text) { return parse_fraction(text); }
  std::string allowed() const { return number_rule::allowed() + ", or from 0% to 100%"; }
};

struct text_rule {
  static constexpr auto kind = setting_kind::text;
  static parsed<std::string> read(std::string_view text) { return {std::string{text}, {}}; }
  static std::string print(const std::string& value) { return value; }
};

struct uri_rule : text_rule {
  static std::string problem(std::string_view value);
  static std::string allowed();
};

/// The name of a pool is a CAF atom, which has at most 10 characters.
struct name_rule : text_rule {
  static std::string problem(std::string_view value);
  static std::string allowed();
};

/// The length is MongoDB's (Handshake specification); the rest keeps a log line one line.
struct app_name_rule : text_rule {
  static std::string problem(std::string_view value);
  static std::string allowed();
};

struct profile_rule {
  static constexpr auto kind = setting_kind::text;

  static parsed<profile> read(std::string_view text);
  static std::string print(profile value) { return std::string{to_string(value)}; }

  static std::string problem(profile value);
  static std::string allowed();
};

} // namespace moor::rules
