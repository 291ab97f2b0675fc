// What a single setting may be: how each kind of value is read, printed, and which range is
// allowed. Used by the setting table alone.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "moor/config/connection_string.hpp"
#include "moor/config/parse.hpp"
#include "moor/config/secret.hpp"
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
  std::string allowed() const {
    return number_rule::allowed() + ", or from " + print(least * 100) + "% to " + print(most * 100)
           + "%";
  }
};

struct text_rule {
  static constexpr auto kind = setting_kind::text;
  static parsed<std::string> read(std::string_view text) { return {std::string{text}, {}}; }
  static std::string print(const std::string& value) { return value; }
};

/// Printed redacted.
struct uri_rule {
  static constexpr auto kind = setting_kind::text;
  static parsed<shared_secret> read(std::string_view text) { return {shared_secret{text}, {}}; }
  static std::string print(const shared_secret& value) { return redact(value.reveal()); }
  static std::string problem(const shared_secret& value);
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

/// One of a few words, which `Choices` lists with the noun for what they are.
template <class Choices>
struct choice_rule {
  using value_type = typename decltype(Choices::all)::value_type;
  static constexpr auto kind
    = std::is_same_v<value_type, toggle> ? setting_kind::toggle : setting_kind::text;

  static parsed<value_type> read(std::string_view text) {
    for (const auto one : Choices::all)
      if (text == to_string(one))
        return {one, {}};
    return {std::nullopt, text.empty() ? "is empty" : unknown()};
  }
  static std::string print(value_type value) { return std::string{to_string(value)}; }

  static std::string problem(value_type value) {
    return std::ranges::find(Choices::all, value) != Choices::all.end() ? "" : unknown();
  }
  static std::string allowed() {
    std::string list;
    for (std::size_t i = 0; i < Choices::all.size(); ++i) {
      if (i > 0)
        list += i + 1 < Choices::all.size() ? ", " : " or ";
      list += to_string(Choices::all[i]);
    }
    return list;
  }

private:
  static std::string unknown() { return "is no " + std::string{Choices::noun}; }
};

struct profiles {
  static constexpr std::array all{profile::production, profile::development};
  static constexpr std::string_view noun = "profile";
};

struct breaker_modes {
  static constexpr std::array all{breaker_mode::on, breaker_mode::disabled,
                                  breaker_mode::forced_open};
  static constexpr std::string_view noun = "mode of a circuit breaker";
};

struct breaker_windows {
  static constexpr std::array all{breaker_window::count, breaker_window::time};
  static constexpr std::string_view noun = "window of a circuit breaker";
};

struct leak_policies {
  static constexpr std::array all{leak_policy::report, leak_policy::revoke};
  static constexpr std::string_view noun = "policy for leaks";
};

struct command_lanes {
  static constexpr std::array all{command_lane::threads, command_lane::fibers};
  static constexpr std::string_view noun = "lane of commands";
};

struct turns_of_borrowers {
  static constexpr std::array all{borrower_turns::scheduler, borrower_turns::loop};
  static constexpr std::string_view noun = "place of borrowers' turns";
};

struct toggles {
  static constexpr std::array all{toggle::on, toggle::off};
  static constexpr std::string_view noun = "choice of on or off";
};

/// Names of exceptions, joined by commas.
struct allow_rule {
  static constexpr auto kind = setting_kind::text;
  static parsed<allowances> read(std::string_view text);
  static std::string print(const allowances& value) { return to_string(value); }
  static std::string problem(const allowances&) { return {}; }
  static std::string allowed();
};

/// A text that may be absent, which is written `none`.
struct optional_rule {
  static constexpr auto kind = setting_kind::text;
  /// An empty text is refused: it is mostly a variable that nobody set, and would switch off what
  /// was meant to be on.
  static parsed<std::string> read(std::string_view text) {
    if (text.empty())
      return {std::nullopt, "is empty"};
    return {std::string{text == "none" ? "" : text}, {}};
  }
  static std::string print(const std::string& value) { return value.empty() ? "none" : value; }
};

/// `127.0.0.1:9464`, `[::1]:0`.
struct listen_rule : optional_rule {
  static std::string problem(std::string_view value);
  static std::string allowed();
};

/// Text of one line without control characters.
struct line_rule : optional_rule {
  static std::string problem(std::string_view value);
  static std::string allowed();
};

} // namespace moor::rules
