#include "chaos/options.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace moor::chaos {

namespace {

std::uint64_t number(std::string_view option, std::string_view text, std::uint64_t least,
                     std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    throw std::invalid_argument{std::string{option} + " takes a whole number from "
                                + std::to_string(least) + " to " + std::to_string(most)};
  return value;
}

} // namespace

options parse(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc)
      throw std::invalid_argument{std::string{option} + " lacks its value"};
    const std::string_view value = argv[i + 1];
    if (option == "--seconds")
      o.length = std::chrono::seconds{number(option, value, 1, 86'400)};
    else if (option == "--seed")
      o.seed = number(option, value, 0, UINT64_MAX);
    else if (option == "--tolerance-ms")
      o.tolerance = std::chrono::milliseconds{number(option, value, 1, 60'000)};
    else if (option == "--uri")
      o.uri = value;
    else
      throw std::invalid_argument{"there is no such option"};
  }
  return o;
}

} // namespace moor::chaos
