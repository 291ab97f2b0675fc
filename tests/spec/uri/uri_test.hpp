// One case of the official tests of connection strings, as its file has it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spec/fields.hpp"

namespace moor::test::spec {

/// What a case states; what is absent, or null where nothing else is said, is not looked at.
struct uri_test {
  std::string description;
  std::string uri;
  bool valid = false;
  std::optional<bool> warning;
  json hosts;
  json auth;
  json options;
  /// Of the Authentication specification's own tests: null there means that there is none.
  std::optional<json> credential;
};

/// The cases of a file. Throws `malformed` if it is not of the format or has none.
std::vector<uri_test> parse_uri_tests(const std::filesystem::path& file);

} // namespace moor::test::spec
