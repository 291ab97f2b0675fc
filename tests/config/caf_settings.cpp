#define CAF_SUITE caf_settings

#include "moor/runtime/caf_settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/test/unit_test.hpp>

#include "moor/config/setting_table.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/messages/requests.hpp"
#include "moor/runtime/environment.hpp"
#include "support/scratch_directory.hpp"

using namespace moor;
using moor::test::scratch_directory;
using namespace std::chrono_literals;

namespace {

struct backend_config : caf::actor_system_config {
  moor::caf_settings moor{*this, custom_options_};
};

/// Each test starts without moor's variables, and leaves none behind.
struct fixture {
  fixture() { clear(); }
  ~fixture() { clear(); }

  static void set(const std::string& name, const std::string& value) {
    CAF_REQUIRE_EQUAL(::setenv(name.c_str(), value.c_str(), 1), 0);
  }

  static void clear() {
    for (const auto& entry : setting_table())
      ::unsetenv(std::string{entry.environment}.c_str());
    for (const char* other :
         {"MOOR_MAX_IDEL_TIME", "MOOR_MAX_POOL_SIZE", "MOOR_HOME", "MOOR_CONFIG"})
      ::unsetenv(other);
  }

  /// Parses into a new configuration. CAF's own error as text; empty if there is none.
  std::string parse(std::vector<std::string> arguments, const std::string& file = "") {
    config = std::make_unique<backend_config>();
    std::istringstream stream{file};
    const auto error = config->parse(std::move(arguments), stream);
    return error ? caf::actor_system_config::render(error) : "";
  }

  resolved load(std::vector<std::string> arguments, const std::string& file = "") {
    CAF_REQUIRE_EQUAL(parse(std::move(arguments), file), "");
    return config->moor.load(*config, {source::code, {{"uri", "mongodb://code"}}});
  }

  std::unique_ptr<backend_config> config;
};

std::string sentences(const resolved& result) {
  std::string text;
  for (const auto& one : result.findings)
    text += to_string(one) + "\n";
  return text;
}

source source_of(const resolved& result, std::string_view key) {
  return result.from.at(index_of(key).value()).from;
}

/// A valid text for each setting, other than its default in both profiles.
std::string sample(const setting_entry& entry) {
  if (entry.key == "profile")
    return "production";
  if (entry.key == "breaker-mode")
    return "forced_open";
  if (entry.key == "breaker-window-type")
    return "time";
  if (entry.key == "leak-policy")
    return "revoke";
  if (entry.key == "command-lane")
    return settings{}.lane == command_lane::threads ? "fibers" : "threads";
  if (entry.key == "borrower-turns")
    return "loop";
  if (entry.key == "leak-stack-traces")
    return "on";
  if (entry.key == "http-listen")
    return "127.0.0.1:7";
  if (entry.key == "uri")
    return "mongodb://db7";
  if (entry.key == "allow")
    return "no-tls,no-credentials";
  if (entry.key == "queue-target")
    return "6s"; // less than queue-interval
  switch (entry.kind) {
    case setting_kind::time: return "7s";
    case setting_kind::fraction: return "0.7";
    case setting_kind::text: return "seven";
    default: return "7";
  }
}

/// Whether a setting names a file of secrets, which is read at once and has tests of its own.
bool names_secret(const setting_entry& entry) {
  return entry.key == "uri-file" || entry.key == "password-file";
}

/// The sample as a config file has it: texts in quotes.
std::string in_file(const setting_entry& entry) {
  return entry.kind == setting_kind::text || entry.kind == setting_kind::toggle
           ? "\"" + sample(entry) + "\""
           : sample(entry);
}

void check_samples(const resolved& result, source from) {
  for (const auto& entry : setting_table()) {
    if (names_secret(entry))
      continue;
    CAF_CHECK_EQUAL(entry.print(result.value), sample(entry));
    CAF_CHECK_EQUAL(to_string(source_of(result, entry.key)), to_string(from));
  }
}

/// Whether a help text has a line with all there is to say about the setting.
bool has_help(const std::string& text, const setting_entry& entry) {
  const auto begin = text.find("--moor." + std::string{entry.key} + "=<"
                               + std::string{to_string(entry.kind)} + ">");
  if (begin == std::string::npos)
    return false;
  const auto line = text.substr(begin, text.find('\n', begin) - begin);
  const auto has = [&](std::string_view part) { return line.find(part) != std::string::npos; };
  return has(entry.meaning) && has(entry.environment)
         && has(entry.key == "uri" ? "required" : "default: ");
}

/// Diverts std::cout, where CAF prints help and dump, into a text.
struct captured_output {
  captured_output() : previous{std::cout.rdbuf(stream.rdbuf())} {}
  ~captured_output() { std::cout.rdbuf(previous); }

  std::ostringstream stream;
  std::streambuf* previous;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(caf_settings_tests, fixture)

CAF_TEST(every setting is read from the command line) {
  std::vector<std::string> arguments;
  for (const auto& entry : setting_table())
    if (!names_secret(entry))
      arguments.push_back("--moor." + std::string{entry.key} + "=" + sample(entry));
  const auto result = load(arguments);
  CAF_CHECK_EQUAL(sentences(result), "");
  check_samples(result, source::command_line);
}

CAF_TEST(every setting is read from the environment) {
  for (const auto& entry : setting_table())
    if (!names_secret(entry))
      set(std::string{entry.environment}, sample(entry));
  const auto result = load({});
  CAF_CHECK_EQUAL(sentences(result), "");
  check_samples(result, source::environment);
}

CAF_TEST(every setting is read from both forms of the file) {
  std::string entries;
  for (const auto& entry : setting_table())
    if (!names_secret(entry))
      entries += std::string{entry.key} + " = " + in_file(entry) + "\n";
  for (const auto& file : {"[moor]\n" + entries, "moor {\n" + entries + "}\n"}) {
    const auto result = load({}, file);
    CAF_CHECK_EQUAL(sentences(result), "");
    check_samples(result, source::file);
  }
}

CAF_TEST(command line over environment over file over connection string over code over profile) {
  const std::string file = "[moor]\nmax-pool-size = 13\nmax-connecting = 3\nkeepalive = 3s\n"
                           "profile = 'production'\n";
  set("MONGODB_URI",
      "mongodb://u:p@db/?tls=true&maxPoolSize=12&maxConnecting=12&minPoolSize=2&appName=uri");
  set("DB_POOL_SIZE", "14");
  set("MOOR_MAX_CONNECTING", "4");
  const auto result = load({"--moor.max-pool-size=15"}, file);
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.max_pool_size, 15U);
  CAF_CHECK_EQUAL(result.value.max_connecting, 4U);
  CAF_CHECK(result.value.keepalive == 3s);
  CAF_CHECK_EQUAL(result.value.min_pool_size, 2U);
  CAF_CHECK_EQUAL(result.value.app_name, "uri");
  CAF_CHECK(result.value.max_idle_time == 60s);
  CAF_CHECK_EQUAL(to_string(source_of(result, "max-pool-size")), to_string(source::command_line));
  CAF_CHECK_EQUAL(to_string(source_of(result, "max-connecting")), to_string(source::environment));
  CAF_CHECK_EQUAL(to_string(source_of(result, "keepalive")), to_string(source::file));
  CAF_CHECK_EQUAL(to_string(source_of(result, "min-pool-size")),
                  to_string(source::connection_string));
  CAF_CHECK_EQUAL(to_string(source_of(result, "max-idle-time")), to_string(source::profile));
}

CAF_TEST(values of the program itself come last but one) {
  const auto result = load({});
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://code");
  CAF_CHECK_EQUAL(to_string(source_of(result, "uri")), to_string(source::code));
}

CAF_TEST(wrong types in a file are found) {
  const auto result = load({}, "[moor]\n"
                               "name = 5\n"
                               "app-name = true\n"
                               "max-pool-size = 20.0\n"
                               "min-pool-size = \"two\"\n"
                               "max-connecting = true\n"
                               "max-idle-time = 60\n"
                               "wait-queue-timeout = [1s, 2s]\n"
                               "connect-timeout = -5s\n"
                               "socket-timeout = 1.5\n"
                               "keepalive = false\n"
                               "wait-queue-limit = 5s\n"
                               "retry-multiplier = 2s\n"
                               "retry-jitter = \"full\"\n"
                               "[moor.leak-threshold]\n"
                               "value = 5s\n");
  std::string problems;
  for (const auto& one : result.findings) {
    problems += one.setting + ": " + one.value.value_or("") + " " + one.problem + "\n";
    CAF_CHECK_EQUAL(one.where, "the config file");
  }
  CAF_CHECK_EQUAL(problems,
                  "name: \"5\" is not a text in double quotes\n"
                  "app-name: \"true\" is a boolean, not a text\n"
                  "max-pool-size: \"20.0\" is not a whole number of decimal digits\n"
                  "min-pool-size: \"two\" does not start with a digit\n"
                  "max-idle-time: \"60\" has no unit (ns, us, ms, s, min or h)\n"
                  "wait-queue-timeout: \"[...]\" is a list\n"
                  "connect-timeout: \"-5s\" is negative\n"
                  "socket-timeout: \"1.5\" is not a whole number and a unit (write 1500ms for "
                  "one and a half seconds)\n"
                  "max-connecting: \"true\" is a boolean, not a count\n"
                  "keepalive: \"false\" is a boolean, not a duration\n"
                  "wait-queue-limit: \"5s\" is not a whole number of decimal digits\n"
                  "retry-multiplier: \"2s\" is not a number\n"
                  "retry-jitter: \"full\" does not start with a digit\n"
                  "leak-threshold: \"{...}\" is a group\n");
}

CAF_TEST(types that mean the same are taken) {
  const auto result = load({}, "[moor]\nmax-pool-size = \"20\"\nmax-idle-time = \"1h\"\n"
                               "keepalive = 0\nretry-multiplier = 3\nretry-jitter = \"50%\"\n"
                               "uri = <mongodb://db>\n");
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.max_pool_size, 20U);
  CAF_CHECK(result.value.max_idle_time == 1h);
  CAF_CHECK(result.value.keepalive == 0s);
  CAF_CHECK_EQUAL(result.value.retry.multiplier, 3.0);
  CAF_CHECK_EQUAL(result.value.retry.jitter, 0.5);
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://db");
}

CAF_TEST(unknown keys in a file are found in both forms) {
  const std::string expected
    = "\"max-pol-size\" (the config file) is not a setting of moor; the nearest "
      "one is max-pool-size.\n";
  CAF_CHECK_EQUAL(sentences(load({}, "[moor]\nmax-pol-size = 5\n")), expected);
  CAF_CHECK_EQUAL(sentences(load({}, "moor {\nmax-pol-size = 5\n}\n")), expected);
  CAF_CHECK_EQUAL(sentences(load({}, "[moor.retry]\njitter = 1\n")),
                  "\"retry\" (the config file) is not a setting of moor; the nearest one is "
                  "retry-attempts.\n");
  CAF_CHECK_EQUAL(
    sentences(load({}, "moor = 5\n")),
    "\"moor\" (the config file) is not a setting of moor; docs/configuration.md lists them "
    "all.\n");
}

CAF_TEST(an unusable value is found on the command line and in the environment) {
  set("DB_MIN_POOL_SIZE", "-1");
  set("MOOR_KEEPALIVE", "");
  const auto result = load({"--moor.max-pool-size=many", "--moor.max-idle-time=60"});
  std::vector<std::string> places;
  for (const auto& one : result.findings)
    places.push_back(one.where + " " + one.problem);
  const std::vector<std::string> expected{
    "command line option --moor.max-pool-size does not start with a digit",
    "environment variable DB_MIN_POOL_SIZE is negative",
    "command line option --moor.max-idle-time has no unit (ns, us, ms, s, min or h)",
    "environment variable MOOR_KEEPALIVE is empty"};
  CAF_CHECK_EQUAL(places, expected);
}

CAF_TEST(a variable that is nearly a setting is found and others are not ) {
  set("MOOR_MAX_IDEL_TIME", "secret");
  set("MOOR_MAX_POOL_SIZE", "secret");
  set("MOOR_HOME", "/opt/moor");
  auto unknown = read_environment().values;
  std::sort(unknown.begin(), unknown.end(),
            [](const raw_value& a, const raw_value& b) { return a.key < b.key; });
  CAF_REQUIRE_EQUAL(unknown.size(), 2U);
  CAF_CHECK_EQUAL(unknown[0].key, "MOOR_MAX_IDEL_TIME");
  CAF_CHECK_EQUAL(unknown[1].key, "MOOR_MAX_POOL_SIZE");
  const auto text = sentences(load({}));
  CAF_CHECK_NOT_EQUAL(text.find("the nearest one is MOOR_MAX_IDLE_TIME"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("the nearest one is DB_POOL_SIZE"), std::string::npos);
  CAF_CHECK_EQUAL(text.find("secret"), std::string::npos);
}

CAF_TEST(the last of two equal options counts) {
  const auto result = load({"--moor.max-pool-size=3", "--moor.max-pool-size=4"});
  CAF_CHECK_EQUAL(result.value.max_pool_size, 4U);
}

CAF_TEST(an option behind an argument that is none is not lost in silence) {
  const auto result = load({"--moor.name=a", "file.txt", "--moor.max-pool-size=3", "--other=1"});
  CAF_CHECK_EQUAL(sentences(result),
                  "max-pool-size = \"3\" (command line option --moor.max-pool-size) "
                  "stands behind the first argument that is no option, where CAF reads "
                  "none; allowed is a whole "
                  "number from 1 to 10000.\n");
  CAF_CHECK_EQUAL(result.value.name, "a");
}

CAF_TEST(what stands behind two dashes is not for moor) {
  const auto result = load(
    {"--moor.name=a", "--moor.max-pool-size=3", "--", "--moor.max-pool-size=4", "--moor.x=1"});
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.max_pool_size, 3U);
}

CAF_TEST(CAF itself refuses an unknown option and one without its equals sign) {
  CAF_CHECK_NOT_EQUAL(parse({"--moor.max-pol-size=3"}), "");
  CAF_CHECK_NOT_EQUAL(parse({"--moor.max-pool-size", "3"}), "");
}

CAF_TEST(help lists every option with its kind text defaults and variable) {
  for (const char* option : {"--help", "--long-help"}) {
    captured_output output;
    CAF_CHECK_EQUAL(parse({option}), "");
    for (const auto& entry : setting_table())
      CAF_CHECK(has_help(output.stream.str(), entry));
    CAF_CHECK(config->cli_helptext_printed);
  }
}

CAF_TEST(a connection string of the command line is not dumped) {
  captured_output output;
  CAF_CHECK_EQUAL(parse({"--moor.uri=mongodb://u:secret@db", "--dump-config"}), "");
  CAF_CHECK_EQUAL(output.stream.str().find("secret"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(output.stream.str().find("mongodb://***@db"), std::string::npos);
  const auto loaded = config->moor.load(*config);
  CAF_CHECK_EQUAL(loaded.value.uri.reveal(), "mongodb://u:secret@db");
}

CAF_TEST(a TOML file named on the command line in the environment or in the file of CAF) {
  scratch_directory directory;
  const auto write = [&](const std::string& name, const std::string& text) {
    const auto path = directory.path() / name;
    std::ofstream{path} << text;
    return path.string();
  };
  const auto weakest = write("caf.toml", "max-pool-size = 11\n");
  const auto stronger = write("environment.toml", "max-pool-size = 12\n");
  const auto strongest = write("argument.toml", "[moor]\nmax-pool-size = 13\nkeepalive = \"3s\"\n");
  const auto file = "[moor]\nmax-pool-size = 10\nconfig = \"" + weakest + "\"\n";
  auto result = load({}, file);
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.max_pool_size, 11U);
  set("MOOR_CONFIG", stronger);
  CAF_CHECK_EQUAL(load({}, file).value.max_pool_size, 12U);
  result = load({"--moor.config=" + strongest}, file);
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.max_pool_size, 13U);
  CAF_CHECK_EQUAL(result.from[index_of("max-pool-size").value()].place, strongest + ":2:17");
  set("DB_POOL_SIZE", "14");
  CAF_CHECK_EQUAL(load({"--moor.config=" + strongest}).value.max_pool_size, 14U);
  result = load({"--moor.config=" + strongest, "--moor.max-pool-size=15"});
  CAF_CHECK_EQUAL(result.value.max_pool_size, 15U);
  CAF_CHECK(result.value.keepalive == 3s);
}

CAF_TEST(a TOML file that is not there) {
  const std::string rest
    = " cannot be read: No such file or directory; allowed is a TOML file of at "
      "most 1 MiB.\n";
  CAF_CHECK_EQUAL(sentences(load({"--moor.config=/nowhere.toml"})),
                  "config = \"/nowhere.toml\" (command line option --moor.config)" + rest);
  set("MOOR_CONFIG", "/nowhere.toml");
  CAF_CHECK_EQUAL(sentences(load({})),
                  "config = \"/nowhere.toml\" (environment variable MOOR_CONFIG)" + rest);
  set("MOOR_CONFIG", "");
  CAF_CHECK_EQUAL(sentences(load({})), "config = \"\" (environment variable MOOR_CONFIG) is empty; "
                                       "allowed is a TOML file of at most 1 MiB.\n");
}

CAF_TEST(several pools of one file) {
  scratch_directory directory;
  const auto path = (directory.path() / "moor.toml").string();
  std::ofstream{path} << "max-pool-size = 6\n[pools.orders]\nmax-pool-size = 7\n[pools.audit]\n";
  CAF_REQUIRE_EQUAL(parse({"--moor.config=" + path}), "");
  const auto result = config->moor.load_pools(*config, {source::code, {{"uri", "mongodb://code"}}});
  CAF_CHECK(result.ok());
  CAF_REQUIRE_EQUAL(result.pools.size(), 2U);
  CAF_CHECK_EQUAL(result.pools[0].value.name, "orders");
  CAF_CHECK_EQUAL(result.pools[0].value.max_pool_size, 7U);
  CAF_CHECK_EQUAL(result.pools[1].value.name, "audit");
  CAF_CHECK_EQUAL(result.pools[1].value.max_pool_size, 6U);
}

CAF_TEST(options stay bound when the configuration moves) {
  backend_config original;
  backend_config moved{std::move(original)};
  std::istringstream no_file;
  CAF_REQUIRE(!moved.parse({"--moor.max-pool-size=3", "--moor.uri=mongodb://db"}, no_file));
  CAF_CHECK_EQUAL(moved.moor.load(moved).value.max_pool_size, 3U);
}

CAF_TEST(message types and error texts are registered) {
  const backend_config plain;
  CAF_CHECK_EQUAL(plain.value_factories_by_name.count("moor::acquire"), 1U);
  CAF_CHECK_EQUAL(plain.error_renderers.count(make_error(errc::queue_full).category()), 1U);
}

CAF_TEST_FIXTURE_SCOPE_END()
