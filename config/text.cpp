#include "moor/config/text.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace moor {

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// Continuation bytes that a leading byte asks for, and the range of the first one (RFC 3629,
/// section 4).
struct sequence {
  int continuation;
  std::uint8_t least = 0x80;
  std::uint8_t most = 0xBF;
};

sequence sequence_of(std::uint8_t lead) noexcept {
  if (lead < 0x80)
    return {0};
  if (lead < 0xC2 || lead > 0xF4)
    return {-1};
  if (lead < 0xE0)
    return {1};
  if (lead < 0xF0)
    return {2, lead == 0xE0 ? std::uint8_t{0xA0} : std::uint8_t{0x80},
            lead == 0xED ? std::uint8_t{0x9F} : std::uint8_t{0xBF}};
  return {3, lead == 0xF0 ? std::uint8_t{0x90} : std::uint8_t{0x80},
          lead == 0xF4 ? std::uint8_t{0x8F} : std::uint8_t{0xBF}};
}

} // namespace

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string to_lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    auto expected = sequence_of(static_cast<std::uint8_t>(text[i++]));
    if (expected.continuation < 0)
      return false;
    for (; expected.continuation > 0; --expected.continuation, ++i) {
      if (i == text.size())
        return false;
      const auto byte = static_cast<std::uint8_t>(text[i]);
      if (byte < expected.least || byte > expected.most)
        return false;
      expected.least = 0x80;
      expected.most = 0xBF;
    }
  }
  return true;
}

bool has_control_character(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), is_control);
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (text.size() - i < 3)
      return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0))
      return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!is_utf8(result))
    return std::nullopt;
  return result;
}

std::size_t edit_distance(std::string_view left, std::string_view right) {
  // One row of the usual table at a time: row[j] is the distance of left's beginning to right's
  // first j.
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j)
    row[j] = j;
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 80;
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_control(c) || byte >= 0x80)
      (result += "\\x") += {digits[byte >> 4], digits[byte & 0x0F]};
    else
      result += c;
  }
  result += text.size() > longest ? "…\"" : "\"";
  return result;
}

} // namespace moor
