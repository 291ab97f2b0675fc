#include "spec/match.hpp"

#include "spec/wildcard.hpp"

namespace moor::test::spec {

namespace {

/// JSON has one type of numbers.
bool same_type(const json& a, const json& b) {
  return (a.is_number() && b.is_number()) || a.type() == b.type();
}

std::string difference(const json& expected, const json* actual, const std::string& path) {
  return (path.empty() ? "" : "at " + path + ": ") + "expected "
         + (is_wildcard(expected) ? "any value" : expected.dump()) + ", got "
         + (actual == nullptr ? "nothing" : actual->dump());
}

std::optional<std::string> compare(const json& expected, const json* actual,
                                   const std::string& path);

std::optional<std::string> compare_objects(const json& expected, const json& actual,
                                           const std::string& path) {
  for (const auto& [key, value] : expected.items()) {
    const auto found = actual.find(key);
    const auto* there = found == actual.end() ? nullptr : &*found;
    if (auto what = compare(value, there, path.empty() ? key : std::string{path}.append(".") + key))
      return what;
  }
  return std::nullopt;
}

std::optional<std::string> compare_arrays(const json& expected, const json& actual,
                                          const std::string& path) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (auto what = compare(expected[i], i < actual.size() ? &actual[i] : nullptr,
                            path + "[" + std::to_string(i) + "]"))
      return what;
  return std::nullopt;
}

std::optional<std::string> compare(const json& expected, const json* actual,
                                   const std::string& path) {
  const auto exists = actual != nullptr && !actual->is_null();
  if (exists && is_wildcard(expected))
    return std::nullopt;
  if (!exists || !same_type(expected, *actual))
    return difference(expected, actual, path);
  if (expected.is_array())
    return compare_arrays(expected, *actual, path);
  if (expected.is_object())
    return compare_objects(expected, *actual, path);
  return expected == *actual ? std::nullopt : std::optional{difference(expected, actual, path)};
}

} // namespace

std::optional<std::string> mismatch(const json& expected, const json* actual) {
  return compare(expected, actual, "");
}

} // namespace moor::test::spec
