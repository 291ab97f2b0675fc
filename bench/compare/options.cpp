#include "options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <string_view>
#include <system_error>

namespace compare {

namespace {

using namespace std::string_view_literals;

struct argument {
  std::string_view name;
  bool required;
  std::function<void(options&, std::string_view)> read;
};

std::size_t number(std::string_view name, std::string_view text, std::size_t most) {
  std::size_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || value < 1 || value > most)
    throw bad_arguments{std::string{name} + " must be a whole number from 1 to "
                        + std::to_string(most) + ", not '" + std::string{text} + "'"};
  return value;
}

template <std::size_t N>
std::string one_of(std::string_view name, std::string_view text,
                   const std::array<std::string_view, N>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), text) != allowed.end())
    return std::string{text};
  std::string all;
  for (const auto word : allowed)
    all += (all.empty() ? "" : " or ") + std::string{word};
  throw bad_arguments{std::string{name} + " must be " + all + ", not '" + std::string{text} + "'"};
}

argument count(std::string_view name, bool required, std::size_t options::*into, std::size_t most) {
  return {name, required,
          [=](options& o, std::string_view text) { o.*into = number(name, text, most); }};
}

const std::array all{
  argument{"--uri", true, [](options& o, std::string_view text) { o.uri = text; }},
  count("--clients", true, &options::clients, 4096),
  count("--connections", true, &options::connections, 1000),
  // All times measured are kept in memory.
  count("--seconds", true, &options::seconds, 120),
  argument{"--op", false,
           [](options& o, std::string_view text) {
             o.operation = one_of("--op", text, std::array{"ping"sv, "find"sv}) == "find"
                             ? op::find
                             : op::ping;
           }},
  argument{"--scheduler", false,
           [](options& o, std::string_view text) {
             o.scheduler = one_of("--scheduler", text, std::array{"sharing"sv, "stealing"sv});
           }},
  count("--rounds", false, &options::rounds, 99),
  argument{"--contender", false,
           [](options& o, std::string_view text) {
             o.contender
               = one_of("--contender", text,
                        std::array{"moor-run"sv, "moor-command"sv, "mongoc_client_pool"sv});
           }},
};

} // namespace

options parse(int argc, const char* const* argv) {
  options result;
  std::array<bool, std::tuple_size_v<decltype(all)>> given{};
  for (int i = 1; i < argc; ++i) {
    const std::string_view word{argv[i]};
    if (word == "--help" || word == "-h") {
      result.help = true;
      return result;
    }
    const auto equals = std::min(word.find('='), word.size());
    const auto found = std::find_if(
      all.begin(), all.end(), [&](const argument& a) { return a.name == word.substr(0, equals); });
    if (found == all.end())
      throw bad_arguments{"unknown argument '" + std::string{word.substr(0, equals)} + "'"};
    if (equals == word.size() && ++i == argc)
      throw bad_arguments{std::string{found->name} + " needs a value"};
    found->read(result,
                equals == word.size() ? std::string_view{argv[i]} : word.substr(equals + 1));
    given[static_cast<std::size_t>(found - all.begin())] = true;
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].required && !given[i])
      throw bad_arguments{std::string{all[i].name} + " is missing"};
  return result;
}

const char* usage() noexcept {
  return "usage: compare --uri URI --clients N --connections N --seconds S\n"
         "               [--op ping|find] [--scheduler sharing|stealing] [--rounds N]\n"
         "               [--contender moor-run|moor-command|mongoc_client_pool]\n";
}

} // namespace compare
