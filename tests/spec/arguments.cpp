#include "spec/arguments.hpp"

#include <charconv>
#include <span>
#include <string_view>

namespace moor::test::spec {

namespace {

constexpr int longest_deadline = 3600;

std::chrono::seconds parse_deadline(std::string_view text) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 1
      || seconds > longest_deadline)
    throw bad_arguments("--deadline is '" + std::string{text} + "', allowed is 1 to "
                        + std::to_string(longest_deadline) + " (seconds)");
  return std::chrono::seconds{seconds};
}

} // namespace

arguments parse_arguments(int count, const char* const* values) {
  const std::span given{values, static_cast<std::size_t>(count)};
  arguments result;
  for (std::size_t i = 1; i < given.size(); ++i) {
    const std::string_view word = given[i];
    if (word == "--uri" || word == "--deadline") {
      if (i + 1 == given.size())
        throw bad_arguments(std::string{word} + " needs a value");
      const std::string_view value = given[++i];
      if (word == "--uri")
        result.uri = value;
      else
        result.deadline = parse_deadline(value);
    } else if (word.starts_with("-")) {
      throw bad_arguments("unknown option " + std::string{word}
                          + ", allowed are --uri and --deadline");
    } else if (!result.directory.empty()) {
      throw bad_arguments("'" + std::string{word} + "' is one DIR too many");
    } else {
      result.directory = word;
    }
  }
  if (result.directory.empty())
    throw bad_arguments("DIR is missing");
  return result;
}

} // namespace moor::test::spec
