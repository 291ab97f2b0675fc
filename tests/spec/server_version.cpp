#include "spec/server_version.hpp"

#include <charconv>

namespace moor::test::spec {

std::optional<server_version> parse_version(std::string_view text) {
  text = text.substr(0, text.find('-'));
  server_version result;
  for (auto& part : result.parts) {
    const auto word = text.substr(0, text.find('.'));
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), part);
    if (error != std::errc{} || end != word.data() + word.size())
      return std::nullopt;
    if (word.size() == text.size())
      return result;
    text.remove_prefix(word.size() + 1);
  }
  return std::nullopt;
}

std::string to_string(const server_version& version) {
  const auto& [major, minor, patch] = version.parts;
  return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
}

} // namespace moor::test::spec
