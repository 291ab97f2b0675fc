#include "moor/config/uri_value.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "moor/config/text.hpp"

namespace moor {

namespace {

using result = std::variant<uri_value, value_problem>;

constexpr auto npos = std::string_view::npos;

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == npos)
      return parts;
    text.remove_prefix(comma + 1);
  }
}

constexpr auto no_number = "is not a whole number";

/// Decimal digits behind a minus sign at most.
std::variant<std::int64_t, value_problem> whole_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto digits = text.substr(negative ? 1 : 0);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digits.empty() || !std::ranges::all_of(digits, is_digit))
    return value_problem{no_number};
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    return value_problem{negative ? "is negative" : "is too large"};
  return value;
}

result read_flag(std::string_view text) {
  if (text == "true" || text == "false")
    return uri_value{text == "true"};
  return value_problem{"is neither true nor false"};
}

result read_number(const uri_option_entry& entry, std::string_view text) {
  auto number = whole_number(text);
  if (auto* problem = std::get_if<value_problem>(&number))
    return std::move(*problem);
  const auto value = std::get<std::int64_t>(number);
  if (value == -1 && entry.name == "maxStalenessSeconds") // no limit, as if it were not there
    return uri_value{value};
  if (value < entry.least)
    return value_problem{value < 0 && entry.least >= 0 ? "is negative" : "is too small"};
  if (value > entry.most)
    return value_problem{"is too large"};
  return uri_value{value};
}

/// RFC 6335, section 5.1; the length is what a label of the DNS holds behind an underscore.
bool is_service_name(std::string_view text) {
  const auto is_letter
    = [](char c) { return is_alphanumeric(c) && (static_cast<unsigned char>(c) & 0x40U) != 0; };
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; })
         && std::ranges::any_of(text, is_letter) && !text.starts_with('-') && !text.ends_with('-');
}

result read_text(const uri_option_entry& entry, std::string_view text) {
  if (entry.most > 0 && text.size() > static_cast<std::size_t>(entry.most))
    return value_problem{"is too long"};
  if (has_control_character(text))
    return value_problem{"holds a control character"};
  if (entry.name == "srvServiceName" && !is_service_name(text))
    return value_problem{"is no name of a service"};
  return uri_value{std::string{text}};
}

bool is_among(std::span<const std::string_view> choices, std::string_view word) {
  return std::ranges::find(choices, word) != choices.end();
}

result read_choice(const uri_option_entry& entry, std::string_view text) {
  if (is_among(entry.choices, text))
    return uri_value{std::string{text}};
  return value_problem{"is none of those known"};
}

result read_words(const uri_option_entry& entry, std::string_view text) {
  std::vector<std::string> known;
  const auto parts = split(text);
  for (const auto part : parts)
    if (is_among(entry.choices, part))
      known.emplace_back(part);
  if (known.size() == parts.size())
    return uri_value{std::move(known)};
  value_problem problem{"holds one that is not known"};
  if (!known.empty())
    problem.rest = std::move(known);
  return problem;
}

std::variant<uri_pairs, value_problem> read_pairs(std::string_view text) {
  uri_pairs pairs;
  for (const auto part : split(text)) {
    const auto colon = part.find(':');
    if (colon == npos || colon == 0)
      return value_problem{"holds a part that is no key:value"};
    const auto key = part.substr(0, colon);
    if (std::ranges::any_of(pairs, [&](const auto& pair) { return pair.first == key; }))
      return value_problem{"holds a key twice"};
    pairs.emplace_back(key, part.substr(colon + 1));
  }
  return pairs;
}

result read_write_concern(const uri_option_entry& entry, std::string_view text) {
  auto number = whole_number(text);
  if (auto* problem = std::get_if<value_problem>(&number); problem && problem->text == no_number)
    return read_text(entry, text);
  auto read = read_number(entry, text);
  if (auto* problem = std::get_if<value_problem>(&read)) // a weaker one must not take its place
    problem->grave = true;
  return read;
}

} // namespace

std::variant<uri_value, value_problem> read_uri_value(const uri_option_entry& entry,
                                                      std::string_view text) {
  if (text.empty() && entry.kind == uri_option_kind::tag_sets) // the set that every member has
    return uri_value{std::vector<uri_pairs>{{}}};
  if (text.empty())
    return value_problem{.text = "is empty", .grave = entry.name == "authSource"};
  switch (entry.kind) {
    case uri_option_kind::flag: return read_flag(text);
    case uri_option_kind::number: return read_number(entry, text);
    case uri_option_kind::text: return read_text(entry, text);
    case uri_option_kind::choice: return read_choice(entry, text);
    case uri_option_kind::words: return read_words(entry, text);
    case uri_option_kind::write_concern: return read_write_concern(entry, text);
    case uri_option_kind::pairs:
    case uri_option_kind::tag_sets: break;
  }
  auto pairs = read_pairs(text);
  if (auto* problem = std::get_if<value_problem>(&pairs))
    return std::move(*problem);
  auto& read = std::get<uri_pairs>(pairs);
  if (entry.kind == uri_option_kind::pairs)
    return uri_value{std::move(read)};
  return uri_value{std::vector<uri_pairs>{std::move(read)}};
}

} // namespace moor
