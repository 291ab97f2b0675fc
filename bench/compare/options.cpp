#include "options.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <vector>

#include "moor/config/parse.hpp"

#include "contenders.hpp"

namespace compare {

namespace {

struct argument {
  std::string_view name;
  bool required;
  std::function<void(options&, std::string_view)> read;
};

std::size_t number(std::string_view name, std::string_view text, std::size_t most) {
  const auto read = moor::parse_count(text);
  if (!read || *read.value < 1 || *read.value > most)
    throw bad_arguments{std::string{name} + " must be a whole number from 1 to "
                        + std::to_string(most) + ", not '" + std::string{text} + "'"};
  return *read.value;
}

using words = std::vector<std::string_view>;

std::string joined(const words& all, std::string_view between) {
  std::string result;
  for (const auto word : all)
    (result += result.empty() ? "" : between) += word;
  return result;
}

std::string one_of(std::string_view name, std::string_view text, const words& allowed) {
  if (std::find(allowed.begin(), allowed.end(), text) != allowed.end())
    return std::string{text};
  throw bad_arguments{std::string{name} + " must be " + joined(allowed, " or ") + ", not '"
                      + std::string{text} + "'"};
}

words contender_names() {
  words result;
  for (const auto& each : contenders)
    result.push_back(each.name);
  return result;
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
             o.operation = one_of("--op", text, {"ping", "find"}) == "find" ? op::find : op::ping;
           }},
  argument{"--scheduler", false,
           [](options& o, std::string_view text) {
             o.scheduler = one_of("--scheduler", text, {"sharing", "stealing"});
           }},
  count("--rounds", false, &options::rounds, 99),
  argument{"--contender", false,
           [](options& o, std::string_view text) {
             o.contender = one_of("--contender", text, contender_names());
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
  for (const auto& one : contenders)
    if (one.name == result.contender && !takes_part(one, result))
      throw bad_arguments{result.contender + " needs as many --connections as --clients"};
  return result;
}

std::string usage() {
  return "usage: compare --uri URI --clients N --connections N --seconds S\n"
         "               [--op ping|find] [--scheduler sharing|stealing] [--rounds N]\n"
         "               [--contender "
         + joined(contender_names(), "|") + "]\n";
}

} // namespace compare
