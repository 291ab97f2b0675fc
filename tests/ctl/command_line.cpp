#define CAF_SUITE ctl_command_line

#include "moor/ctl/command_line.hpp"

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor::ctl;
using namespace std::chrono_literals;

namespace {

invocation read(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "moorctl");
  return read_command_line(arguments);
}

template <class Options>
Options options(std::vector<std::string> arguments) {
  auto result = read(std::move(arguments));
  if (const auto* why = std::get_if<message>(&result))
    CAF_FAIL("refused: " << why->text);
  return std::get<Options>(std::move(result));
}

/// The words for wrong arguments; empty if they were taken.
std::string refusal(std::vector<std::string> arguments) {
  const auto result = read(std::move(arguments));
  const auto* why = std::get_if<message>(&result);
  return why != nullptr && why->how == exit_code::usage ? why->text : std::string{};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(check has its options) {
  const auto defaults = options<check_options>({"check"});
  CAF_CHECK(defaults.timeout == 15s && !defaults.strict && !defaults.json);
  CAF_CHECK(defaults.from.settings.values.empty());
  const auto all = options<check_options>({"check", "--timeout", "250ms", "--strict",
                                           "--moor.max-pool-size=7", "--json", "mongodb://a/"});
  CAF_CHECK(all.timeout == 250ms && all.strict && all.json);
  CAF_REQUIRE_EQUAL(all.from.settings.values.size(), 2U);
  CAF_CHECK_EQUAL(all.from.settings.values[0].key, "max-pool-size");
  CAF_CHECK_EQUAL(all.from.settings.values[0].text, "7");
  CAF_CHECK_EQUAL(all.from.settings.values[1].key, "uri");
  CAF_CHECK_EQUAL(all.from.settings.values[1].text, "mongodb://a/");
}

CAF_TEST(config prints in one form) {
  using form = config_options::form;
  CAF_CHECK(options<config_options>({"config"}).how == form::text);
  CAF_CHECK(options<config_options>({"config", "--json", "--given"}).how == form::json);
  CAF_CHECK(options<config_options>({"config", "--toml"}).how == form::toml);
  CAF_CHECK(options<config_options>({"config", "--write-template"}).how == form::file_template);
  for (const char* other : {"--json", "--toml", "--given"})
    CAF_CHECK(has(refusal({"config", "--write-template", other}), "--write-template"));
  CAF_CHECK(has(refusal({"config", "--json", "--toml"}), "--toml"));
  CAF_CHECK(has(refusal({"config", "--given", "--toml"}), "--toml"));
  CAF_CHECK_EQUAL(options<config_options>({"config", "--pool", "a"}).from.pool, "a");
}

CAF_TEST(top has its options) {
  const auto defaults = options<top_options>({"top"});
  CAF_CHECK_EQUAL(defaults.address, "127.0.0.1:9464");
  CAF_CHECK(defaults.interval == 1s && defaults.timeout == 5s && !defaults.once);
  const auto all = options<top_options>({"top", "a:1", "--user", "ops", "--password-file", "f",
                                         "--ca-file", "c", "--interval", "5s", "--once"});
  CAF_CHECK_EQUAL(all.address + all.user + all.password_file + all.authorities_file, "a:1opsfc");
  CAF_CHECK(all.interval == 5s && all.once && !all.json);
}

CAF_TEST(wrong arguments are named together with what is allowed) {
  CAF_CHECK(has(refusal({}), "a command is wanted"));
  CAF_CHECK(has(refusal({"chck"}), "\"chck\" is no command; allowed is check, config or top"));
  CAF_CHECK(has(refusal({"check", "--colour=red"}), "--colour"));
  CAF_CHECK(has(refusal({"check", "a", "b"}), "b"));
  CAF_CHECK(has(refusal({"check", "--timeout", "3"}), "has no unit"));
  CAF_CHECK(has(refusal({"check", "--timeout", "11min"}), "from 1ms to 10min"));
  CAF_CHECK(has(refusal({"check", "--timeout"}), "--timeout"));
  CAF_CHECK(has(refusal({"check", "--moor.max-pool-size", "7"}), "--moor.KEY=VALUE"));
  CAF_CHECK(has(refusal({"top", ""}), "argument 2 is empty"));
  CAF_CHECK(has(refusal({"check", "--json", ""}), "argument 3 is empty"));
  CAF_CHECK(has(refusal({"check", "--pool="}), "--pool"));
  CAF_CHECK(has(refusal({"top", "--interval", "1ms"}), "from 100ms to 1h"));
  CAF_CHECK(has(refusal({"top", "--user", "ops"}), "--password-file"));
  CAF_CHECK(has(refusal({"top", "--password-file", "f"}), "--user"));
  CAF_CHECK(has(refusal({"top", "--moor.max-pool-size=7"}), "top takes no settings"));
}

CAF_TEST(no password is taken from the command line or shown) {
  for (const char* uri : {"mongodb://u:hunter2@a/", "--moor.uri=mongodb://u:hunter2@a/"}) {
    const auto why = refusal({"check", uri});
    CAF_CHECK(has(why, "MONGODB_URI"));
    CAF_CHECK(!has(why, "hunter2"));
  }
  CAF_CHECK_EQUAL(refusal({"check", "mongodb://u@a/"}), "");
  const std::string uri = "mongodb://u:hunter2@a/";
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"config", uri},
                                                    {"check", "a", uri},
                                                    {"check", "--uri=" + uri},
                                                    {"check", "--password=hunter2"},
                                                    {"check", "--password", "hunter2"},
                                                    {"check", "--timeout", uri},
                                                    {"check", "--timeout=" + uri},
                                                    {"check", "--json=" + uri},
                                                    {"top", "--interval", uri},
                                                    {"top", "a", uri},
                                                    {uri},
                                                    {"--x=" + uri, "check"}}) {
    const auto why = refusal(arguments);
    CAF_CHECK(!why.empty());
    CAF_CHECK(!has(why, "hunter2"));
  }
}

CAF_TEST(help teaches by examples) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{}, {"check"}, {"config"}, {"top"}}) {
    auto arguments = command;
    arguments.emplace_back("--help");
    const auto result = read(arguments);
    const auto& text = std::get<message>(result);
    CAF_CHECK(text.how == exit_code::fine);
    CAF_CHECK(has(text.text, "Examples:\n"));
    CAF_CHECK(has(text.text, "Exit codes:"));
  }
  const auto result = read({"--version"});
  CAF_CHECK(has(std::get<message>(result).text, "moorctl 0."));
}
