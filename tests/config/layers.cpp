#define CAF_SUITE config_layers

#include "moor/config/layers.hpp"

#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/config/setting_table.hpp"

using namespace moor;
using namespace std::chrono_literals;

namespace {

const layer with_uri{source::code, {{"uri", "mongodb://db"}}};

/// The n-th of several valid texts for a setting; neighbours differ.
std::string sample(const setting_entry& entry, int n) {
  auto number = std::to_string(n + 3);
  if (entry.key == "profile")
    return n % 2 == 0 ? "production" : "development";
  if (entry.key == "allow")
    return n % 2 == 0 ? "no-tls" : "no-credentials,zero-timeouts";
  if (entry.key == "breaker-mode")
    return n % 2 == 0 ? "disabled" : "forced_open";
  if (entry.key == "breaker-window-type")
    return n % 2 == 0 ? "time" : "count";
  if (entry.key == "leak-policy")
    return n % 2 == 0 ? "revoke" : "report";
  if (entry.key == "command-lane")
    return n % 2 == 0 ? "threads" : "fibers";
  if (entry.key == "borrower-turns")
    return n % 2 == 0 ? "loop" : "scheduler";
  if (entry.key == "leak-stack-traces")
    return n % 2 == 0 ? "on" : "off";
  if (entry.key == "http-listen")
    return "127.0.0.1:" + number;
  if (entry.key == "uri")
    return "mongodb://host" + number;
  if (entry.key == "uri-file" || entry.key == "password-file")
    return "/no/such/file" + number;
  switch (entry.kind) {
    case setting_kind::time: return number + "s";
    case setting_kind::fraction: return "0." + number;
    case setting_kind::text: return "text" + number;
    default: return number;
  }
}

/// The layer in which `from` gives one value to the setting, as its `n`-th sample.
layer giving(source from, const setting_entry& entry, int n) {
  if (from != source::connection_string)
    return {from, {{std::string{entry.key}, sample(entry, n)}}};
  auto text = sample(entry, n);
  if (entry.kind == setting_kind::time)
    text = text.substr(0, text.size() - 1) + "000";
  return {source::code, {{"uri", "mongodb://db/?" + std::string{entry.uri_option} + "=" + text}}};
}

/// Sources that can give the setting a value, from the weakest to the strongest.
std::vector<source> sources_of(const setting_entry& entry) {
  std::vector<source> result{source::code};
  if (!entry.uri_option.empty())
    result.push_back(source::connection_string);
  for (const auto from :
       {source::file, source::toml, source::environment, source::command_line, source::pool})
    result.push_back(from);
  return result;
}

void check_from(const resolved& result, const setting_entry& entry, source from,
                const std::string& text) {
  CAF_CHECK_EQUAL(entry.print(result.value), text);
  const auto origin = result.from.at(index_of(entry.key).value());
  CAF_CHECK(origin.readable);
  CAF_CHECK_EQUAL(to_string(origin.from), to_string(from));
}

std::string sentences(const resolved& result) {
  std::string text;
  for (const auto& one : result.findings)
    text += to_string(one) + "\n";
  return text;
}

/// What is found when one source gives one value, next to a good connection string.
std::string found(source from, const std::string& key, const std::string& text) {
  return sentences(resolve({with_uri, {from, {{key, text}}}}));
}

/// The sentences without the word that tells a warning from an error.
std::string ungraded(resolved result) {
  for (auto& one : result.findings)
    one.grade = severity::error;
  return sentences(result);
}

/// What is found in a connection string with these options.
std::string found_in_uri(const std::string& options) {
  return ungraded(resolve({{source::environment, {{"uri", "mongodb://u:secret@db/?" + options}}}}));
}

} // namespace

CAF_TEST(the stronger source wins for every setting) {
  for (const auto& entry : setting_table()) {
    const auto sources = sources_of(entry);
    for (std::size_t weak = 0; weak < sources.size(); ++weak) {
      check_from(resolve({giving(sources[weak], entry, 0)}), entry, sources[weak],
                 sample(entry, 0));
      for (auto strong = weak + 1; strong < sources.size(); ++strong) {
        CAF_MESSAGE(entry.key << ": " << to_string(sources[strong]) << " over "
                              << to_string(sources[weak]));
        const auto low = giving(sources[weak], entry, 0);
        const auto high = giving(sources[strong], entry, 1);
        check_from(resolve({low, high}), entry, sources[strong], sample(entry, 1));
        check_from(resolve({high, low}), entry, sources[strong], sample(entry, 1));
      }
    }
  }
}

CAF_TEST(what nobody gives comes from the profile) {
  for (const auto which : {profile::production, profile::development}) {
    const auto result = resolve({{source::code, {{"uri", "mongodb://u:p@db/?tls=true"}}},
                                 {source::file, {{"profile", std::string{to_string(which)}}}}});
    CAF_CHECK_EQUAL(sentences(result), "");
    const auto expected = settings_for(which);
    for (const auto& entry : setting_table())
      if (entry.key != "profile" && entry.key != "uri")
        check_from(result, entry, source::profile, entry.print(expected));
  }
  CAF_CHECK(resolve({with_uri}).value.profile == profile::development);
}

CAF_TEST(the last of several values in one layer counts) {
  const auto result = resolve({with_uri, {source::file, {{"name", "a"}, {"name", "b"}}}});
  CAF_CHECK_EQUAL(result.value.name, "b");
}

CAF_TEST(only the strongest connection string is looked at) {
  const auto result
    = resolve({{source::file, {{"uri", "mongodb://a/?maxPoolSize=nonsense&minPoolSize=3"}}},
               {source::environment, {{"uri", "mongodb://b/?maxPoolSize=7"}}}});
  CAF_CHECK(result.ok());
  CAF_CHECK_EQUAL(result.value.max_pool_size, 7U);
  CAF_CHECK_EQUAL(result.value.min_pool_size, 2U);
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://b/?maxPoolSize=7");
}

CAF_TEST(every option of a connection string that is a setting is understood) {
  const auto result = resolve(
    {{source::code,
      {{"uri", "mongodb://db/?MAXPOOLSIZE=8&minpoolsize=0&maxIdleTimeMS=0&waitQueueTimeoutMS=1500&"
               "connectTimeoutMS=2000&socketTimeoutMS=3000&serverSelectionTimeoutMS=4000&"
               "maxConnecting=1&appName=my%20app&replicaSet=rs0&tls=true"}}}});
  CAF_CHECK_EQUAL(sentences(result), "");
  const auto& x = result.value;
  CAF_CHECK_EQUAL(x.max_pool_size, 8U);
  CAF_CHECK_EQUAL(x.min_pool_size, 0U);
  CAF_CHECK(x.max_idle_time == 0s);
  CAF_CHECK(x.wait_queue_timeout == 1500ms);
  CAF_CHECK(x.connect_timeout == 2s);
  CAF_CHECK(x.socket_timeout == 3s);
  CAF_CHECK(x.server_selection_timeout == 4s);
  CAF_CHECK_EQUAL(x.max_connecting, 1U);
  CAF_CHECK_EQUAL(x.app_name, "my app");
}

CAF_TEST(impossible options of a connection string are refused) {
  const std::string ms = " of the connection string) ";
  const auto milliseconds = [](const char* range) {
    return "allowed is " + std::string{range}
           + ", such as 250ms, 5s, 30min or 1h, in the connection string as a number of milliseconds";
  };
  const std::string zero = "; moor has neither pools nor waits without a bound.\n";
  const auto span = milliseconds("a duration from 1ms to 8760h");
  const auto driver = milliseconds("a duration from 1ms to 576h");
  CAF_CHECK_EQUAL(found_in_uri("maxIdleTimeMS=-2"),
                  "max-idle-time = \"-2\" (option maxIdleTimeMS" + ms + "is negative; "
                    + milliseconds("0 or a duration from 1ms to 8760h") + ".\n");
  CAF_CHECK_EQUAL(found_in_uri("waitQueueTimeoutMS=abc"),
                  "wait-queue-timeout = \"abc\" (option waitQueueTimeoutMS" + ms
                    + "does not start with a digit; " + span + ".\n");
  CAF_CHECK_EQUAL(found_in_uri("waitQueueTimeoutMS="),
                  "wait-queue-timeout = \"\" (option waitQueueTimeoutMS" + ms + "is empty; " + span
                    + ".\n");
  CAF_CHECK_EQUAL(found_in_uri("waitQueueTimeoutMS=0"),
                  "wait-queue-timeout = \"0\" (option waitQueueTimeoutMS" + ms + "is too small; "
                    + span + zero);
  CAF_CHECK_EQUAL(found_in_uri("connectTimeoutMS=0"),
                  "connect-timeout = \"0\" (option connectTimeoutMS" + ms + "is too small; "
                    + driver + zero);
  CAF_CHECK_EQUAL(found_in_uri("socketTimeoutMS=9999999999"),
                  "socket-timeout = \"9999999999ms\" (option socketTimeoutMS" + ms
                    + "is too large; " + driver + ".\n");
  CAF_CHECK_EQUAL(found_in_uri("maxPoolSize=0"),
                  "max-pool-size = \"0\" (option maxPoolSize" + ms
                    + "is too small; allowed is a whole number from 1 to 10000" + zero);
  CAF_CHECK_EQUAL(found_in_uri("maxPoolSize=-3"),
                  "max-pool-size = \"-3\" (option maxPoolSize" + ms
                    + "is negative; allowed is a whole number from 1 to 10000.\n");
  CAF_CHECK_EQUAL(found_in_uri("maxConnecting=0"),
                  "max-connecting = \"0\" (option maxConnecting" + ms
                    + "is too small; allowed is a whole number from 1 to 1000" + zero);
  CAF_CHECK_EQUAL(found_in_uri("maxPoolSize=5&maxpoolsize=5"),
                  "max-pool-size = \"5\" (option maxPoolSize" + ms
                    + "is given more than once; allowed is a whole number from 1 to 10000.\n");
  CAF_CHECK_EQUAL(
    found_in_uri("minPoolSize=10&maxPoolSize=5"),
    "min-pool-size = \"10\" (option minPoolSize" + ms
      + "is larger than max-pool-size; allowed is at most 5, the value of max-pool-size "
        "(option maxPoolSize of the connection string).\n");
}

CAF_TEST(
  a mistake in the connection string is a warning in development and an error in production) {
  const auto resolved_with = [](const std::string& options, const char* which) {
    return resolve({{source::code, {{"max-pool-size", "7"}, {"min-pool-size", "1"}}},
                    {source::environment,
                     {{"uri", "mongodb://u:secret@db/?tls=true&" + options}, {"profile", which}}}});
  };
  for (const char* options :
       {"maxPoolSize=-3", "maxPoolSize=0", "maxPoolSize=x", "maxPoolSize=5&maxPoolSize=5",
        "minPoolSize=10&maxPoolSize=5", "colour=red", "w=1&w=1", "localThresholdMS=x"}) {
    CAF_MESSAGE(options);
    const auto lax = resolved_with(options, "development");
    const auto strict = resolved_with(options, "production");
    CAF_CHECK_EQUAL(lax.findings.size(), 1U);
    CAF_CHECK(lax.ok());
    CAF_CHECK(!strict.ok());
    CAF_CHECK_EQUAL(ungraded(lax), ungraded(strict));
  }
}

CAF_TEST(what is ignored in development gives way to a weaker source) {
  const auto with = [](const std::string& options) {
    return resolve({{source::code,
                     {{"max-pool-size", "7"},
                      {"min-pool-size", "1"},
                      {"uri", "mongodb://db/?" + options}}}})
      .value;
  };
  CAF_CHECK_EQUAL(with("maxPoolSize=-3").max_pool_size, 7U);
  CAF_CHECK_EQUAL(with("maxPoolSize=4&maxPoolSize=5").max_pool_size, 5U);
  CAF_CHECK_EQUAL(with("maxPoolSize=4&maxPoolSize=x").max_pool_size, 7U);
  CAF_CHECK_EQUAL(with("minPoolSize=10&maxPoolSize=5").min_pool_size, 5U);
}

CAF_TEST(a timeout of zero is the longest where that is permitted by name) {
  const auto with = [](const char* allow) {
    return resolve({{source::environment,
                     {{"uri", "mongodb://u:p@db/?tls=true&connectTimeoutMS=0&waitQueueTimeoutMS=0"
                              "&maxPoolSize=0"},
                      {"profile", "production"},
                      {"socket-timeout", "0"},
                      {"allow", allow}}}});
  };
  const auto permitted = with("zero-timeouts");
  CAF_CHECK_EQUAL(permitted.findings.size(), 1U); // a pool without a bound is not permitted
  CAF_CHECK_EQUAL(permitted.findings.at(0).setting, "max-pool-size");
  CAF_CHECK(permitted.value.connect_timeout == 576h);
  CAF_CHECK(permitted.value.socket_timeout == 576h);
  CAF_CHECK(permitted.value.wait_queue_timeout == 8760h);
  const auto refused = with("no-tls");
  CAF_CHECK_EQUAL(refused.findings.size(), 4U);
  CAF_CHECK(!refused.ok());
}

CAF_TEST(zero may be written with a unit) {
  for (const char* zero : {"0", "00", "0ms", "0s", "0 min"}) {
    const auto result = resolve(
      {{source::environment,
        {{"uri", "mongodb://localhost"}, {"socket-timeout", zero}, {"allow", "zero-timeouts"}}}});
    CAF_CHECK_EQUAL(sentences(result), "");
    CAF_CHECK(result.value.socket_timeout == 576h);
  }
}

CAF_TEST(an exception that does not exist is refused with the nearest one) {
  CAF_CHECK_EQUAL(found(source::environment, "allow", "no-tsl"),
                  "allow = \"no-tsl\" (environment variable MOOR_ALLOW) holds a name that is no "
                  "exception (the nearest one is no-tls); allowed is no-tls, tls-insecure, "
                  "tls-allow-invalid-certificates, tls-allow-invalid-hostnames, no-credentials, "
                  "world-readable-secrets, pool-above-server-limit, zero-timeouts, "
                  "http-no-credentials, http-no-tls, several joined by commas, or none.\n");
}

CAF_TEST(a stronger source gets round a mistake in a weaker one) {
  const auto result
    = resolve({{source::environment, {{"uri", "mongodb://db/?maxPoolSize=x"}}},
               {source::file, {{"max-idle-time", "soon"}}},
               {source::command_line, {{"max-pool-size", "4"}, {"max-idle-time", "1s"}}}});
  CAF_CHECK_EQUAL(sentences(result), "");
}

CAF_TEST(a default queue target gives way to a short interval) {
  const auto result = resolve({{source::code, {{"uri", "mongodb://db"}}},
                               {source::environment, {{"queue-interval", "40ms"}}}});
  CAF_CHECK(result.findings.empty());
  CAF_CHECK(result.value.shedding.queue_target == 20ms);
}

CAF_TEST(a finding names the place of its source) {
  const std::string rest
    = ") does not start with a digit; allowed is a whole number from 1 to 10000.\n";
  CAF_CHECK_EQUAL(found(source::command_line, "max-pool-size", "abc"),
                  "max-pool-size = \"abc\" (command line option --moor.max-pool-size" + rest);
  CAF_CHECK_EQUAL(found(source::environment, "max-pool-size", "abc"),
                  "max-pool-size = \"abc\" (environment variable DB_POOL_SIZE" + rest);
  CAF_CHECK_EQUAL(found(source::file, "max-pool-size", "abc"),
                  "max-pool-size = \"abc\" (the config file" + rest);
  CAF_CHECK_EQUAL(found(source::code, "max-pool-size", "abc"),
                  "max-pool-size = \"abc\" (the program's code" + rest);
  CAF_CHECK_EQUAL(
    found(source::environment, "min-pool-size", "60"),
    "min-pool-size = \"60\" (environment variable DB_MIN_POOL_SIZE) is larger than "
    "max-pool-size; allowed is at most 10, the value of max-pool-size (default of the "
    "development profile).\n");
}

CAF_TEST(a missing connection string) {
  CAF_CHECK_EQUAL(sentences(resolve({})),
                  "uri (not set anywhere) is required; allowed is a connection string such as "
                  "mongodb://user:password@host:27017/?replicaSet=rs0, given by MONGODB_URI, by "
                  "--moor.uri or as uri in the config file, or by a file that MONGODB_URI_FILE or "
                  "uri-file names.\n");
  const auto empty = resolve({{source::environment, {{"uri", ""}}}});
  CAF_REQUIRE_EQUAL(empty.findings.size(), 1U);
  CAF_CHECK_EQUAL(empty.findings[0].where, "environment variable MONGODB_URI");
  CAF_CHECK_EQUAL(empty.findings[0].problem, "is empty");
}

CAF_TEST(a malformed connection string is one finding without its secrets) {
  const auto result = resolve({{source::environment, {{"uri", "mongodb://u:sec/ret@db"}}}});
  CAF_REQUIRE_EQUAL(result.findings.size(), 1U);
  const auto sentence = to_string(result.findings[0]);
  CAF_CHECK(sentence.starts_with(
    "uri = \"mongodb://***\" (environment variable MONGODB_URI) is malformed (host 1, byte 12: "));
  CAF_CHECK_EQUAL(sentence.find("sec"), std::string::npos);
  CAF_CHECK_EQUAL(sentence.find("ret"), std::string::npos);
  CAF_CHECK(result.value.uri.empty());
}

CAF_TEST(a secret in the place of a connection string is not shown) {
  const auto result = resolve({{source::environment, {{"uri", "hunter2"}}}});
  CAF_REQUIRE_EQUAL(result.findings.size(), 1U);
  CAF_CHECK(to_string(result.findings[0]).starts_with("uri = \"***\" (environment variable"));
  CAF_CHECK_EQUAL(to_string(result.findings[0]).find("hunter2"), std::string::npos);
}

CAF_TEST(an unknown key is named without its value) {
  CAF_CHECK_EQUAL(found(source::file, "max-pol-size", "secret"),
                  "\"max-pol-size\" (the config file) is not a setting of moor; the nearest one is "
                  "max-pool-size.\n");
  CAF_CHECK_EQUAL(
    found(source::environment, "MOOR_MAX_IDEL_TIME", "secret"),
    "\"MOOR_MAX_IDEL_TIME\" (the environment) is not a setting of moor; the nearest one "
    "is MOOR_MAX_IDLE_TIME.\n");
  CAF_CHECK_EQUAL(
    found(source::file, "colour", "secret"),
    "\"colour\" (the config file) is not a setting of moor; docs/configuration.md lists "
    "them all.\n");
}

CAF_TEST(all findings come at once and none twice) {
  const auto result
    = resolve({{source::environment,
                {{"profile", "staging"}, {"max-pool-size", "x"}, {"min-pool-size", "99"}}},
               {source::file, {{"typo", ""}, {"retry-multiplier", "0.5"}}},
               {source::command_line, {{"connect-timeout", "10"}}}});
  std::vector<std::string> names;
  for (const auto& one : result.findings)
    names.push_back(one.setting);
  const std::vector<std::string> expected{"\"typo\"",        "profile",          "max-pool-size",
                                          "connect-timeout", "retry-multiplier", "uri"};
  CAF_CHECK_EQUAL(names, expected);
  CAF_CHECK(!result.ok());
}

CAF_TEST(a problem that the source found itself is passed on) {
  const auto text
    = sentences(resolve({with_uri, {source::file, {{"name", "[...]", "is a list"}}}}));
  CAF_CHECK_EQUAL(text, "name = \"[...]\" (the config file) is a list; allowed is 1 to 10 letters, "
                        "digits or underscores.\n");
}

CAF_TEST(a default gives way to a smaller maximum that was given) {
  auto result = resolve({with_uri, {source::environment, {{"max-pool-size", "1"}}}});
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.min_pool_size, 1U);
  result = resolve({with_uri, {source::environment, {{"retry-longest-delay", "200ms"}}}});
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK(result.value.retry.first_delay == 200ms);
}

CAF_TEST(explanation lines name key value and place and no secret) {
  const auto result = resolve({{source::environment, {{"uri", "mongodb://u:secret@db"}}},
                               {source::command_line, {{"max-pool-size", "4"}}}});
  const auto lines = explain(result);
  CAF_REQUIRE_EQUAL(lines.size(), setting_table().size());
  CAF_CHECK_EQUAL(lines[index_of("uri").value()],
                  "uri = \"mongodb://***@db\" (environment variable MONGODB_URI)");
  CAF_CHECK_EQUAL(lines[index_of("max-pool-size").value()],
                  "max-pool-size = \"4\" (command line option --moor.max-pool-size)");
  CAF_CHECK_EQUAL(lines[index_of("keepalive").value()],
                  "keepalive = \"0\" (default of the development profile)");
}
