#define CAF_SUITE config_secret_files

#include "moor/config/secret_files.hpp"

#include <map>
#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/config/credentials.hpp"
#include "moor/config/effective.hpp"
#include "moor/config/layers.hpp"
#include "moor/config/setting_table.hpp"

using namespace moor;

namespace {

struct content {
  std::string text;
  bool exposed = false;
};

/// Files in memory: how real ones are read is tested where they are.
struct fixture {
  std::map<std::string, content> files;

  file_text read(const std::string& path) const {
    const auto found = files.find(path);
    if (found == files.end())
      return {{}, "cannot be read: No such file or directory"};
    return {secret{found->second.text}, {}, found->second.exposed};
  }

  resolved load(const std::vector<layer>& layers) const {
    return resolve(layers, [this](const std::string& path) { return read(path); });
  }
};

std::string sentences(const resolved& result) {
  std::string text;
  for (const auto& one : result.findings)
    text += to_string(one) + "\n";
  return text;
}

layer from_environment(std::vector<raw_value> values) {
  return {source::environment, std::move(values)};
}

std::string completed(std::string_view uri, std::string_view password) {
  const auto result = with_password(uri, password);
  return result.problem.empty() ? std::string{result.uri.reveal()} : result.problem;
}

} // namespace

CAF_TEST(a password is encoded and put behind its user) {
  CAF_CHECK_EQUAL(completed("mongodb://u@db", "simple"), "mongodb://u:simple@db");
  CAF_CHECK_EQUAL(completed("mongodb+srv://u%40x@db/app?w=1", "p:/?#@%\" \xC3\xA4~"),
                  "mongodb+srv://u%40x:p%3A%2F%3F%23%40%25%22%20%C3%A4~@db/app?w=1");
  CAF_CHECK_EQUAL(completed("mongodb://db", "x"),
                  "holds a password, and the connection string names no user");
  CAF_CHECK_EQUAL(completed("mongodb://db/?appName=a@b", "x"),
                  "holds a password, and the connection string names no user");
  for (const auto* uri : {"mongodb://u:p@db", "mongodb://u:@db"})
    CAF_CHECK_EQUAL(completed(uri, "x"),
                    "holds a password, and the connection string has one, too");
}

CAF_TEST(every password comes back from the string it was put into) {
  std::string all;
  for (int c = 1; c < 128; ++c)
    all += static_cast<char>(c);
  for (const auto& password : {all, std::string{"\xF0\x9F\x90\xAE"}, std::string{"%41"}}) {
    const auto uri = with_password("mongodb://u@db", password).uri.copy();
    const auto parsed = parse_connection_string(uri.reveal());
    CAF_REQUIRE(std::holds_alternative<connection_string>(parsed));
    CAF_CHECK_EQUAL(std::get<connection_string>(parsed).password.value_or(""), password);
  }
}

CAF_TEST(what is a credential) {
  for (const auto* uri : {"mongodb://u:p@db", "mongodb://db/?tlsCertificateKeyFilePassword=x",
                          "mongodb://db/?authMechanismProperties=AWS_SESSION_TOKEN:x"})
    CAF_CHECK(has_credential(std::string_view{uri}));
  for (const auto* uri : {"mongodb://u@db", "mongodb://u:@db", "mongodb://db/?appName=p",
                          "nonsense", "mongodb://db/?authMechanismProperties=SERVICE_NAME:x"})
    CAF_CHECK(!has_credential(std::string_view{uri}));
}

CAF_TEST_FIXTURE_SCOPE(secret_files_tests, fixture)

CAF_TEST(a connection string from a file) {
  files["/run/uri"] = {"mongodb://u:p@db/?maxPoolSize=7"};
  const auto result = load({from_environment({{"uri-file", "/run/uri"}})});
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://u:p@db/?maxPoolSize=7");
  CAF_CHECK_EQUAL(result.value.max_pool_size, 7U);
  const auto lines = explain(result);
  CAF_CHECK_EQUAL(lines[index_of("uri").value()],
                  "uri = \"mongodb://***@db/?maxPoolSize=7\" (file \"/run/uri\", which is named by "
                  "environment variable MONGODB_URI_FILE)");
}

CAF_TEST(a password from a file) {
  files["/run/password"] = {"p@ss"};
  auto result = load({{source::file, {{"uri", "mongodb://u@db"}}},
                      from_environment({{"password-file", "/run/password"}})});
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://u:p%40ss@db");
  files["/run/uri"] = {"mongodb://u@db2"};
  result = load({from_environment({{"uri-file", "/run/uri"}, {"password-file", "/run/password"}})});
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://u:p%40ss@db2");
}

CAF_TEST(string and file of one source contradict each other) {
  files["/run/uri"] = {"mongodb://file"};
  auto result = load({from_environment({{"uri", "mongodb://u:p@db"}, {"uri-file", "/run/uri"}})});
  CAF_CHECK_EQUAL(sentences(result),
                  "uri-file = \"/run/uri\" (environment variable MONGODB_URI_FILE) is given beside "
                  "the string itself; allowed is either of MONGODB_URI and MONGODB_URI_FILE.\n");
  CAF_CHECK(!result.ok());
  result = load({from_environment({{"uri", "mongodb://db"}, {"uri-file", "none"}})});
  CAF_CHECK_EQUAL(sentences(result), "");
}

CAF_TEST(of string and file in two sources the stronger counts) {
  files["/run/uri"] = {"mongodb://file"};
  auto result
    = load({{source::toml, {{"uri", "nonsense"}}}, from_environment({{"uri-file", "/run/uri"}})});
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://file");
  result = load(
    {{source::toml, {{"uri-file", "/nowhere"}}}, from_environment({{"uri", "mongodb://string"}})});
  CAF_CHECK_EQUAL(sentences(result), "");
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://string");
  CAF_CHECK_EQUAL(result.value.uri_file, "");
  result = load(
    {from_environment({{"uri", "mongodb://string"}}), {source::pool, {{"uri-file", "/run/uri"}}}});
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://file");
}

CAF_TEST(a file that cannot be used is one finding) {
  CAF_CHECK_EQUAL(
    sentences(load({from_environment({{"uri-file", "/run/uri"}})})),
    "uri-file = \"/run/uri\" (environment variable MONGODB_URI_FILE) cannot be read: No "
    "such file or directory; allowed is a file of one line of UTF-8 that this process "
    "may read.\n");
  CAF_CHECK_EQUAL(
    sentences(
      load({from_environment({{"uri", "mongodb://u@db"}, {"password-file", "/run/password"}})})),
    "password-file = \"/run/password\" (environment variable MOOR_PASSWORD_FILE) cannot "
    "be read: No such file or directory; allowed is a file of one line of UTF-8 that "
    "this process may read.\n");
  files["/run/uri"] = {"hunter2"};
  const auto text = sentences(load({from_environment({{"uri-file", "/run/uri"}})}));
  CAF_CHECK(text.starts_with("uri = \"***\" (file \"/run/uri\", which is named by environment "
                             "variable MONGODB_URI_FILE) is malformed (scheme"));
  CAF_CHECK_EQUAL(text.find("hunter2"), std::string::npos);
}

CAF_TEST(a secret in the place of the name of its file is not shown) {
  for (const auto* key : {"uri-file", "password-file"}) {
    std::vector<raw_value> values{
      {key, key == std::string_view{"uri-file"} ? "mongodb://u:hunter2@db/" : "hunter2/x="}};
    if (std::string_view{key} == "password-file")
      values.push_back({"uri", "mongodb://u@db"});
    const auto result = load({from_environment(values)});
    const auto text = sentences(result);
    CAF_CHECK_EQUAL(text.find("hunter2"), std::string::npos);
    CAF_CHECK(text.starts_with(std::string{key} + " = \"***\" (environment variable M"));
    for (const auto& line : explain(result))
      CAF_CHECK_EQUAL(line.find("hunter2"), std::string::npos);
    CAF_CHECK_EQUAL(write_text(result.value, result.from).find("hunter2"), std::string::npos);
  }
  settings values;
  values.endpoint.password_file = "hunter2";
  const auto& entry = setting_table()[index_of("http-password-file").value()];
  CAF_CHECK_EQUAL(shown(entry, entry.print(values)), "\"***\"");
  CAF_CHECK_EQUAL(write_text(values, {}).find("hunter2"), std::string::npos);
  CAF_CHECK_EQUAL(shown(entry, "/run/password"), "\"/run/password\"");
  CAF_CHECK_EQUAL(shown(entry, "none"), "\"none\"");
}

CAF_TEST(a name of a file that cannot be read as one is one finding) {
  const auto result = load({{source::toml, {{"uri-file", "5", "is a number, not a text"}}}});
  CAF_REQUIRE_EQUAL(result.findings.size(), 1U);
  CAF_CHECK_EQUAL(result.findings[0].setting, "uri-file");
}

CAF_TEST(a password for nobody or for somebody who has one) {
  files["/run/password"] = {"s3cret"};
  for (const auto* uri : {"mongodb://db", "mongodb://u:p@db"}) {
    const auto text
      = sentences(load({from_environment({{"uri", uri}, {"password-file", "/run/password"}})}));
    CAF_CHECK(text.starts_with("password-file = \"/run/password\" (environment variable "
                               "MOOR_PASSWORD_FILE) holds a password, and the connection string"));
    CAF_CHECK_EQUAL(text.find("s3cret"), std::string::npos);
  }
}

CAF_TEST(a credential that everybody may read is refused in production) {
  files["/run/uri"] = {"mongodb://u:p@db/?tls=true", true};
  files["/run/plain"] = {"mongodb://u@db/?tls=true&authMechanism=MONGODB-X509", true};
  files["/run/password"] = {"p", true};
  const auto check = [&](std::vector<raw_value> values, std::size_t findings) {
    auto result = load({from_environment(values)});
    CAF_CHECK(result.ok());
    CAF_REQUIRE_EQUAL(result.findings.size(), findings);
    values.push_back({"profile", "production"});
    result = load({from_environment(values)});
    CAF_REQUIRE_EQUAL(result.findings.size(), findings);
    CAF_CHECK_EQUAL(result.ok(), findings == 0);
    for (const auto& one : result.findings)
      CAF_CHECK_EQUAL(one.policy, "world-readable-secrets");
  };
  check({{"uri-file", "/run/uri"}}, 1);
  check({{"uri-file", "/run/plain"}}, 0);
  files["/run/plain"] = {"mongodb://u@db/?tls=true", true};
  check({{"uri-file", "/run/plain"}, {"password-file", "/run/password"}}, 1);
  check({{"uri", "mongodb://u:p@db/?tls=true", {}, "m.toml:1:1", true}}, 1);
  const auto* plain = "mongodb://u@db/?tls=true&authMechanism=MONGODB-X509";
  check({{"uri", plain, {}, "m.toml:1:1", true}}, 0);
}

CAF_TEST(a password on the command line is refused in production) {
  const layer with_password{source::command_line, {{"uri", "mongodb://u:s3cret@db/?tls=true"}}};
  auto result = load({with_password});
  CAF_CHECK(result.ok());
  CAF_CHECK_EQUAL(
    sentences(result),
    "warning: uri = \"mongodb://***@db/?tls=true\" (command line option --moor.uri) shows a "
    "password to everybody on this machine; allowed is a connection string without one "
    "beside a password-file, or a uri-file; in production this is refused (policy "
    "password-on-command-line).\n");
  result = load({with_password, from_environment({{"profile", "production"}})});
  CAF_CHECK(!result.ok());
  CAF_REQUIRE_EQUAL(result.findings.size(), 1U);
  CAF_CHECK_EQUAL(result.findings[0].policy, "password-on-command-line");
  files["/run/password"] = {"s3cret"};
  result = load({{source::command_line,
                  {{"uri", "mongodb://u@db/?tls=true"},
                   {"password-file", "/run/password"},
                   {"profile", "production"}}}});
  CAF_CHECK_EQUAL(sentences(result), "");
}

CAF_TEST(without files to read a name of one is a finding) {
  const auto result = resolve({from_environment({{"uri-file", "/run/uri"}})});
  CAF_REQUIRE_EQUAL(result.findings.size(), 1U);
  CAF_CHECK_EQUAL(result.findings[0].problem, "is not read where files are not");
}

CAF_TEST_FIXTURE_SCOPE_END()
