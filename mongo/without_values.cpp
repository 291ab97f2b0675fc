#include "moor/mongo/without_values.hpp"

namespace moor::mongo {

namespace {

constexpr auto npos = std::string_view::npos;

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Where something opens at `from` or later. An apostrophe inside a word opens nothing.
std::size_t find_opening(std::string_view text, std::size_t from) {
  for (auto at = text.find_first_of("\"'`{", from); at != npos;
       at = text.find_first_of("\"'`{", at + 1))
    if (text[at] != '\'' || at == 0 || !is_alphanumeric(text[at - 1]))
      return at;
  return npos;
}

/// Position just after what opens at `from`; the end of the text if nothing closes it.
std::size_t end_of_enclosed(std::string_view text, std::size_t from) {
  if (text[from] != '{') {
    const auto close = text.find(text[from], from + 1);
    return close == npos ? text.size() : close + 1;
  }
  for (int depth = 0; from < text.size(); ++from) {
    depth += (text[from] == '{') - (text[from] == '}');
    if (depth == 0)
      return from + 1;
  }
  return text.size();
}

} // namespace

std::string without_values(std::string_view text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = find_opening(text, at);
    kept += text.substr(at, open == npos ? npos : open - at);
    if (open == npos)
      break;
    kept += "***";
    at = end_of_enclosed(text, open);
  }
  return kept;
}

} // namespace moor::mongo
