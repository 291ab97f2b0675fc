#define CAF_SUITE config_effective

#include "moor/config/effective.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include "moor/config/layers.hpp"
#include "moor/config/toml_file.hpp"

using namespace moor;
using namespace std::chrono_literals;

namespace {

const layer with_uri{source::code, {{"uri", "mongodb://u:p@db/?tls=true"}}};

std::string sentences(const std::vector<finding>& findings) {
  std::string text;
  for (const auto& one : findings)
    text += to_string(one) + "\n";
  return text;
}

/// What the text of a TOML file means; it must have no mistake.
settings read_back(const std::string& text) {
  const auto file = parse_settings_file(text, "back.toml");
  CAF_CHECK_EQUAL(sentences(file.findings), "");
  const auto result = resolve({with_uri, file.common});
  CAF_CHECK_EQUAL(sentences(result.findings), "");
  return result.value;
}

void check_same(const settings& left, const settings& right) {
  for (const auto& entry : setting_table())
    CAF_CHECK_EQUAL(std::string{entry.key} + " " + entry.print(left),
                    std::string{entry.key} + " " + entry.print(right));
}

/// Settings of which many are unusual to write.
settings unusual() {
  auto x = settings_for(profile::production);
  x.uri = "mongodb://u:p@db/?tls=true";
  x.app_name = R"(a "quoted" \ Bücher #1)";
  x.max_pool_size = 10'000;
  x.max_idle_time = 1h;
  x.keepalive = std::chrono::nanoseconds{1'000'001};
  x.retry.multiplier = 1.0 / 3 + 1;
  x.retry.jitter = 1e-9;
  x.breaker.wait_multiplier = 1000;
  x.leaks.stack_traces = toggle::on;
  x.breaker.mode = breaker_mode::forced_open;
  x.endpoint.listen = "[::1]:0";
  return x;
}

/// A template with every setting set.
std::string with_defaults_set(const std::string& text) {
  std::istringstream lines{text};
  std::string result;
  for (std::string line; std::getline(lines, line);)
    result += (line.starts_with('#') && !line.starts_with("# ") ? line.substr(1) : line) + "\n";
  return result;
}

/// The template's example is a user whose password comes from elsewhere.
std::string with_password(std::string text) {
  const std::string user = "mongodb://user";
  return text.insert(text.find(user + "@") + user.size(), ":p");
}

} // namespace

CAF_TEST(the settings in force come back from their TOML) {
  check_same(read_back(write_toml(unusual())), unusual());
  for (const auto which : {profile::development, profile::production}) {
    auto x = settings_for(which);
    x.uri = "mongodb://u:p@db/?tls=true";
    check_same(read_back(write_toml(x)), x);
  }
}

CAF_TEST(each setting is shown with value place and default and no secret) {
  const auto result = resolve({{source::environment, {{"uri", "mongodb://u:s3cret@db"}}},
                               {source::toml, {{"max-pool-size", "4", {}, "m.toml:1:17"}}}});
  const auto toml = write_toml(result.value, result.from);
  const auto text = write_text(result.value, result.from);
  const auto json = write_json(result.value, result.from);
  for (const auto& shown : {toml, text, json}) {
    CAF_CHECK(shown.find("s3cret") == std::string::npos);
    CAF_CHECK(shown.find("mongodb://***@db") != std::string::npos);
    CAF_CHECK(shown.find("m.toml:1:17") != std::string::npos);
    CAF_CHECK(shown.find("environment variable MONGODB_URI") != std::string::npos);
  }
  CAF_CHECK(toml.find("\nmax-pool-size = 4 # m.toml:1:17\n") != std::string::npos);
  CAF_CHECK(toml.find("\nkeepalive = \"0\" # default of the development profile\n")
            != std::string::npos);
  CAF_CHECK(text.find("m.toml:1:17 (default 10)\n") != std::string::npos);
  CAF_CHECK_EQUAL(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')),
                  setting_table().size());
}

CAF_TEST(a connection string in the place of another text is shown without its password) {
  settings values;
  values.app_name = "mongodb://u:s3cret@db/";
  for (const auto& text :
       {write_text(values, {}), write_toml(values, {}), write_json(values, {})}) {
    CAF_CHECK_EQUAL(text.find("s3cret"), std::string::npos);
    CAF_CHECK_NOT_EQUAL(text.find("mongodb://***@db"), std::string::npos);
  }
}

CAF_TEST(what was refused has no value and is not shown with its default) {
  const auto result = resolve(
    {{source::environment,
      {{"uri", "mongodb://u:s3cret@db:x"}, {"max-pool-size", "s3cret"}, {"keepalive", "90s"}}}});
  const auto text = write_text(result.value, result.from);
  const auto toml = write_toml(result.value, result.from);
  const auto json = write_json(result.value, result.from);
  for (const auto& shown : {text, toml, json})
    CAF_CHECK(shown.find("s3cret") == std::string::npos);
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("uri ") || line.starts_with("max-pool-size ")) {
      CAF_CHECK(line.find(" refused ") != std::string::npos);
      CAF_CHECK(line.find(" environment variable ") != std::string::npos);
      CAF_CHECK(line.find("10") == std::string::npos);
    }
  CAF_CHECK(toml.find("\n# Refused: max-pool-size, environment variable DB_POOL_SIZE\n")
            != std::string::npos);
  CAF_CHECK_EQUAL(parse_settings_file(toml, "m.toml").common.values.size() + 2,
                  setting_table().size());
  const auto parsed = nlohmann::json::parse(json);
  for (const auto& one : parsed.at("settings"))
    CAF_CHECK_EQUAL(one.at("value").is_null(),
                    one.at("key") == "uri" || one.at("key") == "max-pool-size");
}

CAF_TEST(the JSON is JSON) {
  const auto parsed = nlohmann::json::parse(write_json(unusual()));
  const auto& all = parsed.at("settings");
  CAF_REQUIRE_EQUAL(all.size(), setting_table().size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAF_CHECK_EQUAL(all[i].at("key").get<std::string>(), setting_table()[i].key);
    CAF_CHECK_EQUAL(all[i].at("value").get<std::string>(), setting_table()[i].print(unusual()));
    CAF_CHECK_EQUAL(all[i].at("source").get<std::string>(), "code");
    CAF_CHECK_EQUAL(all[i].at("default").get<std::string>(),
                    setting_table()[i].print(settings_for(profile::production)));
  }
}

CAF_TEST(values that no setting may have cannot break the form) {
  auto x = unusual();
  x.app_name = "a\nprofile = \"development\"\n\x01\xFF\x7F";
  x.endpoint.user = "b\r\n";
  origins from(setting_table().size(), origin{source::code, true, "c\nname = \"d\""});
  const auto file = parse_settings_file(write_toml(x, from), "m.toml");
  CAF_CHECK_EQUAL(sentences(file.findings), "");
  CAF_CHECK_EQUAL(file.common.values.size() + 1, setting_table().size()); // all but the secret
  CAF_CHECK(nlohmann::json::accept(write_json(x, from)));
  const auto text = write_text(x, from);
  CAF_CHECK_EQUAL(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')),
                  setting_table().size());
}

CAF_TEST(the template sets nothing but the profile and comes back as its defaults when it does) {
  for (const auto which : {profile::development, profile::production}) {
    const auto text = write_template(which);
    const auto as_it_is = parse_settings_file(text, "t.toml");
    CAF_CHECK_EQUAL(as_it_is.common.values.size(), 1U);
    auto expected = settings_for(which);
    expected.uri = "mongodb://u:p@db/?tls=true";
    check_same(read_back(text), expected);
    const auto file = parse_settings_file(with_defaults_set(text), "t.toml");
    CAF_CHECK_EQUAL(file.common.values.size(), setting_table().size());
    expected.uri = "mongodb://user:p@db.example:27017/?replicaSet=rs0&tls=true";
    check_same(read_back(with_password(with_defaults_set(text))), expected);
  }
}

CAF_TEST(the template tells all that there is to know of each setting) {
  const auto text = write_template(profile::production);
  for (const auto& entry : setting_table()) {
    const auto line = "\n# " + std::string{entry.meaning} + "\n# A "
                      + std::string{to_string(entry.kind)} + ": " + entry.allowed() + ".\n";
    CAF_CHECK(text.find(line) != std::string::npos);
    CAF_CHECK(text.find(std::string{entry.environment} + " in the environment")
              != std::string::npos);
  }
}
