#include "support/plants.hpp"

#include <array>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

namespace moor::test {

namespace {

constexpr std::string_view base64_digits
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string hexadecimal(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    (result += digits[byte >> 4]) += digits[byte & 15];
  }
  return result;
}

/// The number that `digits` hexadecimal digits at `at` make, or -1.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size())
    return -1;
  int value = 0;
  for (const char c : text.substr(at, digits)) {
    const auto digit = std::string_view{"0123456789abcdef"}.find(lower({&c, 1}).front());
    if (digit == std::string_view::npos)
      return -1;
    value = value * 16 + static_cast<int>(digit);
  }
  return value;
}

/// The text with every `mark` and so many hexadecimal digits after it replaced by that character,
/// as far as it is ASCII.
std::string decoded(std::string_view text, std::string_view mark, std::size_t digits) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const bool is_mark = text.substr(i, mark.size()) == mark;
    const int value = is_mark ? number_at(text, i + mark.size(), digits) : -1;
    if (value < 0 || value > 127) {
      result += text[i++];
    } else {
      result += static_cast<char>(value);
      i += mark.size() + digits;
    }
  }
  return result;
}

/// What the mark makes of base64 wherever it begins: of three bytes' places each, without the
/// digits that its neighbours have a part in.
std::array<std::string, 3> marks_in_base64() {
  std::array<std::string, 3> all;
  for (std::size_t before = 0; before < 3; ++before) {
    const auto bytes = std::string(before, '.') + std::string{plant_mark};
    const auto from = (before * 8 + 5) / 6;
    const auto whole = bytes.size() * 8 / 6; // digits that depend on nothing behind
    all.at(before) = base64(bytes).substr(from, whole - from);
  }
  return all;
}

/// The plant that the mark at `at` belongs to.
std::string word_at(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && (is_alphanumeric(text[end]) || text[end] == '-' || text[end] == '_'))
    ++end;
  return std::string{text.substr(at, end - at)};
}

std::optional<std::string> find_in(std::string_view text, const char* how) {
  const auto folded = lower(text);
  for (const auto mark : {plant_mark, plant_digits})
    if (const auto at = folded.find(mark); at != folded.npos)
      return word_at(folded, at) + how;
  return std::nullopt;
}

std::optional<std::string> find_encoded(std::string_view text) {
  static const auto hex = hexadecimal(plant_mark);
  if (lower(text).find(hex) != std::string::npos)
    return std::string{plant_mark} + " in hexadecimal digits";
  static const auto marks = marks_in_base64();
  for (const auto& mark : marks)
    if (text.find(mark) != text.npos)
      return std::string{plant_mark} + " in base64";
  return std::nullopt;
}

} // namespace

std::string planted(std::string_view what) {
  // Once, and in one piece: tests run beside each other.
  static const bool said = [] {
    std::cerr << std::string{planting_line} + '\n' << std::flush;
    return true;
  }();
  static_cast<void>(said);
  return std::string{plant_mark} + '-' + std::string{what};
}

std::int64_t planted_number(int n) {
  if (n < 0 || n > 8)
    throw std::invalid_argument("there are planted numbers 0 to 8");
  planted({});
  return std::stoll(std::to_string(n + 1) + std::string{plant_digits});
}

std::optional<std::string> find_plant(std::string_view text) {
  if (auto found = find_in(text, ""))
    return found;
  if (text.find('%') != text.npos)
    if (auto found = find_in(decoded(text, "%", 2), ", percent-encoded"))
      return found;
  if (text.find('\\') != text.npos)
    for (const auto& [mark, digits] : {std::pair{"\\u", 4}, std::pair{"\\x", 2}})
      if (auto found = find_in(decoded(text, mark, static_cast<std::size_t>(digits)), ", escaped"))
        return found;
  return find_encoded(text);
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (is_alphanumeric(c))
      result += c;
    else
      result += '%' + hexadecimal({&c, 1});
  return result;
}

std::string base64(std::string_view bytes) {
  std::string result;
  while (!bytes.empty()) {
    const auto three = bytes.substr(0, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < three.size() ? static_cast<unsigned char>(three[i]) : 0u);
    for (std::size_t digit = 0; digit < 4; ++digit)
      result += digit <= three.size() ? base64_digits[bits >> (18 - 6 * digit) & 63] : '=';
    bytes.remove_prefix(three.size());
  }
  return result;
}

} // namespace moor::test
