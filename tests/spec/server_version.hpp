// Versions of MongoDB servers.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace moor::test::spec {

/// Major, minor and patch. What follows a hyphen ("-rc1") does not count.
struct server_version {
  std::array<unsigned, 3> parts{};

  friend auto operator<=>(const server_version&, const server_version&) = default;
};

/// One to three numbers separated by dots, or nothing if the text is something else.
std::optional<server_version> parse_version(std::string_view text);

std::string to_string(const server_version& version);

} // namespace moor::test::spec
