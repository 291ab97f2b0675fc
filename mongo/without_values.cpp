#include "moor/mongo/without_values.hpp"

#include "moor/config/text.hpp"

namespace moor::mongo {

namespace {

constexpr auto npos = std::string_view::npos;

/// An apostrophe inside a word is no quote.
bool is_apostrophe(std::string_view text, std::size_t at) noexcept {
  return text[at] == '\'' && at > 0 && is_alphanumeric(text[at - 1]) && at + 1 < text.size()
         && is_alphanumeric(text[at + 1]);
}

std::size_t find_any(std::string_view text, std::string_view set, std::size_t from) noexcept {
  auto at = text.find_first_of(set, from);
  while (at != npos && is_apostrophe(text, at))
    at = text.find_first_of(set, at + 1);
  return at;
}

/// Position just after what opens at `from`; the end of the text if nothing closes it.
std::size_t end_of_enclosed(std::string_view text, std::size_t from) {
  if (text[from] != '{') {
    const auto close = find_any(text, text.substr(from, 1), from + 1);
    return close == npos ? text.size() : close + 1;
  }
  for (int depth = 0; from < text.size(); ++from) {
    depth += static_cast<int>(text[from] == '{') - static_cast<int>(text[from] == '}');
    if (depth == 0)
      return from + 1;
  }
  return text.size();
}

} // namespace

std::string without_values(std::string_view text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = find_any(text, "\"'`{", at);
    kept += text.substr(at, open == npos ? npos : open - at);
    if (open == npos)
      break;
    kept += "***";
    at = end_of_enclosed(text, open);
  }
  for (auto& c : kept)
    if (has_control_character({&c, 1}))
      c = '?';
  return kept;
}

} // namespace moor::mongo
