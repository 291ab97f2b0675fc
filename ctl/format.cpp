#include "moor/ctl/format.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

#include "moor/config/text.hpp"

namespace moor::ctl {

namespace {

/// With so many decimals that about three digits are shown.
std::string rounded(double number) {
  std::array<char, 32> text{};
  const int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.*f", decimals, number));
  return text.data();
}

/// "3 min 4 s", "3 min".
std::string in_two(std::int64_t large, const char* large_unit, std::int64_t small,
                   const char* small_unit) {
  auto text = std::to_string(large) + ' ' + large_unit;
  if (small != 0)
    text += ' ' + std::to_string(small) + ' ' + small_unit;
  return text;
}

/// Bytes of the code point that begins at `at`; 1 where none does.
std::size_t length_at(std::string_view text, std::size_t at) noexcept {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(length, text.size() - at);
}

/// C1 controls (U+0080 to U+009F), and the marks, overrides and isolates of bidirectional text.
bool commands_a_terminal(std::string_view character) noexcept {
  if (character.size() == 1)
    return has_control_character(character);
  if (character.size() == 2)
    return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
  if (character.size() != 3 || character[0] != '\xE2')
    return false;
  const auto second = static_cast<unsigned char>(character[1]);
  const auto third = static_cast<unsigned char>(character[2]);
  return (second == 0x80 && (third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE)))
         || (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

std::string first_columns(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  for (std::size_t seen = 0; seen < width && end < text.size(); ++seen)
    end += length_at(text, end);
  return std::string{text.substr(0, end)};
}

std::string cut(std::string_view text, std::size_t width) {
  return width == 0 ? std::string{} : first_columns(text, width - 1) + "…";
}

} // namespace

std::string for_people(duration span) {
  using namespace std::chrono;
  const auto whole = std::max(span, duration::zero());
  if (whole < 999'500us)
    return rounded(std::chrono::duration<double, std::milli>{whole}.count()) + " ms";
  if (whole < 59'950ms)
    return rounded(std::chrono::duration<double>{whole}.count()) + " s";
  // std::chrono::round overflows near the longest duration.
  const auto seconds
    = floor<std::chrono::seconds>(std::min(whole, duration::max() - 1s) + 500ms).count();
  if (seconds < 3600)
    return in_two(seconds / 60, "min", seconds % 60, "s");
  if (seconds < 86'400)
    return in_two(seconds / 3600, "h", seconds % 3600 / 60, "min");
  return in_two(seconds / 86'400, "d", seconds % 86'400 / 3600, "h");
}

std::string milliseconds_for_people(double count) {
  // What a duration holds, with room for what rounding adds.
  constexpr double most = 9e12;
  const auto held = std::isnan(count) ? 0 : std::clamp(count, 0.0, most);
  return for_people(
    std::chrono::duration_cast<duration>(std::chrono::duration<double, std::milli>{held}));
}

std::string day(std::int64_t unix_seconds) {
  constexpr std::int64_t end = 253'402'300'800; // of the year 9999
  if (unix_seconds >= end)
    return "never";
  const auto at
    = std::chrono::sys_seconds{std::chrono::seconds{std::max<std::int64_t>(unix_seconds, 0)}};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  std::array<char, 32> text{};
  static_cast<void>(
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())));
  return text.data();
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return grouped(count) + ' ' + std::string{noun} + (count == 1 ? "" : "s");
}

std::string rate(double per_second) {
  if (!(per_second > 0))
    return "0/s";
  if (per_second < 9.95) {
    std::array<char, 32> text{};
    static_cast<void>(std::snprintf(text.data(), text.size(), "%.1f/s", per_second));
    return text.data();
  }
  constexpr double most = 9e18;
  return grouped(static_cast<std::uint64_t>(std::llround(std::min(per_second, most)))) + "/s";
}

std::string grouped(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

std::string harmless(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = text.substr(at, length_at(text, at));
    if (!is_utf8(character)) {
      result += '?';
      ++at;
      continue;
    }
    result += commands_a_terminal(character) ? std::string_view{"?"} : character;
    at += character.size();
  }
  return result;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += length_at(text, at))
    ++count;
  return count;
}

std::string fitted(std::string_view text, std::size_t width) {
  const auto taken = columns(text);
  return taken > width ? cut(text, width) : std::string{text} + std::string(width - taken, ' ');
}

std::string fitted_right(std::string_view text, std::size_t width) {
  const auto taken = columns(text);
  return taken > width ? cut(text, width) : std::string(width - taken, ' ') + std::string{text};
}

} // namespace moor::ctl
