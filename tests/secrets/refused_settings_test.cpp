// Promise "secrets": what is said of settings that cannot be used does not show what stands in
// them.
#define CAF_SUITE refused_settings

#include "secrets/secrets_rig.hpp"

#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "moor/config/connection_string.hpp"
#include "moor/config/layers.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/mongo/driver.hpp"

using namespace moor;
using namespace moor::test;

namespace {

/// Connection strings with a password (@ in the list below) where it should be and where it should
/// not; the second has characters that must be percent-encoded. None of them is of any use.
std::vector<std::string> useless_strings() {
  std::vector<std::string> all;
  for (const auto& password : {planted("plain"), planted("p:w/q?r#s%t[u]v,w x"), planted("p@q"),
                               planted("ünicode"), planted("nul%00"), planted("%zz")})
    for (const auto* form :
         {"~",
          "~@",
          "u:~",
          "u:~@",
          "u:~@127.0.0.1",
          "//u:~@127.0.0.1",
          "mysql://u:~@127.0.0.1",
          "mongodb:/u:~@127.0.0.1",
          "MONGODB://u:~@127.0.0.1",
          " mongodb://u:~@127.0.0.1",
          "\"mongodb://u:~@127.0.0.1\"",
          "mongodb://u:~",
          "mongodb://u:~@",
          "mongodb://u:~@/",
          "mongodb://~:~@127.0.0.1:0",
          "mongodb://u:~@127.0.0.1:99999",
          "mongodb://u:~@127.0.0.1:x",
          "mongodb://u:~:x@127.0.0.1:1",
          "mongodb://u:~@127.0.0.1:1:~",
          "mongodb://u@127.0.0.1:~",
          "mongodb://127.0.0.1:1,127.0.0.1:~",
          "mongodb://u:~@[::1",
          "mongodb://u:~@,",
          "mongodb://u:~@127.0.0.1:1/a@b",
          "mongodb://u:~@127.0.0.1:1/?w",
          "mongodb://u:~@127.0.0.1:1/?w=-5",
          "mongodb://u:x@127.0.0.1:1/?~",
          "mongodb://u:~@127.0.0.1:1/?maxPoolSize=5&minPoolSize=6",
          "mongodb+srv://u:~@127.0.0.1:1",
          "mongodb+srv://u:~@a.b.example,c.d.example",
          "mongodb://u@127.0.0.1:1/?authMechanism=MONGODB-X509&authSource=~",
          "mongodb://u:~@127.0.0.1:1/?tls=true&tlsCertificateKeyFile=/no/such/file"
          "&tlsCertificateKeyFilePassword=~",
          "mongodb://u:x@127.0.0.1:1/?tls=true&tlsCertificateKeyFilePassword=x&~=x"}) {
      std::string text{form};
      for (auto at = text.find('~'); at != text.npos; at = text.find('~', at + password.size()))
        text.replace(at, 1, password);
      all.push_back(text);
    }
  return all;
}

/// Passwords where an option has its value; redaction shows the values of these options.
std::vector<std::string> useless_options() {
  std::vector<std::string> all;
  for (const auto* option : {"tls", "maxPoolSize", "connectTimeoutMS", "authMechanism", "w"})
    all.push_back("mongodb://u:" + planted("x") + "@127.0.0.1:1/?" + option + '='
                  + planted("option"));
  all.push_back("mongodb://u:x@127.0.0.1:1/?maxPoolSize=1&maxPoolSize=" + planted("option"));
  return all;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(refused_settings_tests, secrets_rig)

CAF_TEST(connection strings that cannot be used) {
  config.retry.attempts = 1;
  auto all = useless_strings();
  for (const auto& text : all)
    everything->add("redacted", redact(text));
  for (auto& text : useless_options())
    all.push_back(std::move(text));
  for (const auto& text : all) {
    const auto parsed = parse_connection_string(text);
    if (const auto* why = std::get_if<connection_string_error>(&parsed))
      everything->add("parser", to_string(*why));
    config.uri = text;
    for (const auto& found : validate(config))
      everything->add("finding", to_string(found));
    const auto driver = mongo::make_driver(config);
    if (const auto* why = std::get_if<failure>(&driver))
      everything->add("driver", why->text);
    if (!text.starts_with("mongodb+srv")) // whose names would be looked up
      start_in_vain(config);
  }
  CAF_CHECK(everything->says("redacted", "mongodb://***"));
  CAF_CHECK(everything->says("parser", "host 1, byte "));
  CAF_CHECK(everything->says("finding", "is malformed"));
  CAF_CHECK(everything->says("driver", "the connection string's options cannot be used"));
  CAF_CHECK(everything->says("error", "invalid_argument"));
  check("strings");
}

CAF_TEST(connection strings and passwords in the place of every setting and from every source) {
  const std::vector<std::string> texts{"mongodb://u:" + planted("a") + "@127.0.0.1:1",
                                       "mongodb://u:" + planted("p/w") + "@127.0.0.1:1",
                                       "u:" + planted("b") + "@127.0.0.1:1"};
  for (const auto from : {source::command_line, source::environment, source::file,
                          source::connection_string, source::code})
    for (const auto& text : texts)
      for (const auto& entry : setting_table()) {
        const auto what = resolve({{from, {{std::string{entry.key}, text}}}});
        for (const auto& found : what.findings)
          everything->add("finding", to_string(found));
        for (const auto& line : explain(what))
          everything->add("explained", line);
      }
  CAF_CHECK(everything->says("finding", "max-pool-size = "));
  CAF_CHECK(everything->says("explained", "mongodb://***@127.0.0.1:1"));
  check("layers");
}

CAF_TEST(arguments and variables of a program) {
  struct program : caf::actor_system_config {
    caf_settings moor{*this, custom_options_};
  };
  const auto secret = "mongodb://u:" + planted("argument") + "@127.0.0.1:x";
  for (const auto* option : {"--moor.uri=", "--moor.max-pool-size=", "--moor.name="}) {
    program one;
    std::istringstream no_file;
    if (const auto error = one.parse(std::vector<std::string>{option + secret}, no_file))
      everything->add("parser", caf::actor_system_config::render(error));
    for (const auto& found : one.moor.load(one).findings)
      everything->add("finding", to_string(found));
  }
  for (const auto* variable : {"MONGODB_URI", "DB_POOL_SIZE"}) {
    ::setenv(variable, secret.c_str(), 1);
    program one;
    std::istringstream no_file;
    CAF_CHECK(!one.parse(std::vector<std::string>{}, no_file));
    for (const auto& found : one.moor.load(one).findings)
      everything->add("finding", to_string(found));
    ::unsetenv(variable);
  }
  CAF_CHECK(everything->says("finding", "command line"));
  CAF_CHECK(everything->says("finding", "environment variable MONGODB_URI"));
  check("arguments");
}

CAF_TEST_FIXTURE_SCOPE_END()
