#define CAF_SUITE mongo_connect_plan

#include "moor/mongo/connect_plan.hpp"

#include <fstream>
#include <string>

#include <caf/test/unit_test.hpp>

#include "moor/mongo/database_name.hpp"
#include "moor/mongo/driver.hpp"
#include "support/plants.hpp"
#include "support/scratch_directory.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace std::chrono_literals;

namespace {

settings with_uri(std::string uri) {
  settings result;
  result.uri = std::move(uri);
  return result;
}

connect_plan plan_of(const settings& from) {
  auto result = make_plan(from);
  if (const auto* problem = std::get_if<failure>(&result))
    CAF_FAIL(problem->text);
  return std::get<connect_plan>(std::move(result));
}

std::string refusal_of(const settings& from) {
  const auto result = make_plan(from);
  const auto* problem = std::get_if<failure>(&result);
  if (problem == nullptr)
    return "accepted";
  CAF_CHECK(problem->code == errc::invalid_argument);
  CAF_CHECK(problem->reach == spoils::nothing);
  return problem->text;
}

int number(const connect_plan& plan, const char* option) {
  return mongoc_uri_get_option_as_int32(plan.uri.get(), option, -1);
}

} // namespace

CAF_TEST(the settings win over the connection string) {
  auto from = with_uri("mongodb://db/?connectTimeoutMS=1&SOCKETTIMEOUTMS=1&appName=theirs"
                       "&serverSelectionTimeoutMS=1&serverSelectionTryOnce=false");
  from.connect_timeout = 1500us;
  from.socket_timeout = 3s;
  from.server_selection_timeout = 4s;
  from.app_name = "ours";
  const auto plan = plan_of(from);
  CAF_CHECK_EQUAL(number(plan, MONGOC_URI_CONNECTTIMEOUTMS), 2);
  CAF_CHECK_EQUAL(number(plan, MONGOC_URI_SOCKETTIMEOUTMS), 3000);
  CAF_CHECK_EQUAL(number(plan, MONGOC_URI_SERVERSELECTIONTIMEOUTMS), 4000);
  CAF_CHECK_EQUAL(std::string{mongoc_uri_get_appname(plan.uri.get())}, "ours");
  CAF_CHECK(
    mongoc_uri_get_option_as_bool(plan.uri.get(), MONGOC_URI_SERVERSELECTIONTRYONCE, false));
}

CAF_TEST(timeouts that libmongoc cannot hold are brought into its range) {
  auto from = with_uri("mongodb://db/");
  from.socket_timeout = std::chrono::hours{24 * 365};
  from.server_selection_timeout = duration::zero();
  const auto plan = plan_of(from);
  CAF_CHECK_EQUAL(number(plan, MONGOC_URI_SOCKETTIMEOUTMS), 2'147'483'647);
  CAF_CHECK_EQUAL(number(plan, MONGOC_URI_SERVERSELECTIONTIMEOUTMS), 1);
}

CAF_TEST(options of pools are left out and others stay) {
  const auto plan = plan_of(with_uri(
    "mongodb://u:p@db/?maxPoolSize=5&readPreference=secondary&minPoolSize=1;maxConnecting=2"
    "&maxIdleTimeMS=3&waitQueueTimeoutMS=4&authSource=x&waitQueueMultiple=2"));
  for (const char* option : {"maxpoolsize", "minpoolsize", "maxconnecting", "maxidletimems",
                             "waitqueuetimeoutms", "waitqueuemultiple"})
    CAF_CHECK(!mongoc_uri_has_option(plan.uri.get(), option));
  CAF_CHECK_EQUAL(std::string{mongoc_uri_get_auth_source(plan.uri.get())}, "x");
  CAF_CHECK(mongoc_read_prefs_get_mode(mongoc_uri_get_read_prefs_t(plan.uri.get()))
            == MONGOC_READ_SECONDARY);
  CAF_CHECK_EQUAL(plan.address, "db");
}

CAF_TEST(a search among several servers leaves time for the rest) {
  const struct {
    const char* uri;
    bool single;
    bool lookup;
  } cases[] = {
    {"mongodb://a/", true, false},
    {"mongodb://a/?replicaSet=rs", false, false},
    {"mongodb://a/?directConnection=true&replicaSet=rs", true, false},
    {"mongodb://a/?directConnection=false", false, false},
    {"mongodb://a,b/", false, false},
    {"mongodb+srv://a.example.com/", false, true},
  };
  for (const auto& c : cases) {
    auto from = with_uri(c.uri);
    from.connect_timeout = 10s;
    const auto plan = plan_of(from);
    CAF_CHECK_EQUAL(plan.single_server, c.single);
    CAF_CHECK_EQUAL(plan.needs_lookup, c.lookup);
    CAF_CHECK_EQUAL(number(plan, MONGOC_URI_CONNECTTIMEOUTMS), c.single ? 10'000 : 5'000);
  }
}

CAF_TEST(TLS is set up as the connection string says) {
  const test::scratch_directory directory;
  const auto file = (directory.path() / "f.pem").string();
  std::ofstream{file} << "x";
  CAF_CHECK(!plan_of(with_uri("mongodb://db/")).tls.has_value());
  CAF_CHECK(!plan_of(with_uri("mongodb+srv://a.example.com/?tls=false")).tls.has_value());
  CAF_CHECK(plan_of(with_uri("mongodb+srv://a.example.com/")).tls.has_value());
  const auto plain = plan_of(with_uri("mongodb://db/?tls=true")).tls;
  CAF_REQUIRE(plain.has_value());
  CAF_CHECK(plain->authorities_file.empty() && plain->certificate_file.empty());
  CAF_CHECK(!plain->allow_invalid_certificates && !plain->allow_invalid_hostnames);
  const auto full = plan_of(with_uri("mongodb://db/?tlsCAFile=" + file + "&tlsCertificateKeyFile="
                                     + file + "&tlsCertificateKeyFilePassword="
                                     + test::planted("key") + "&tlsAllowInvalidHostnames=true"))
                      .tls;
  CAF_REQUIRE(full.has_value());
  CAF_CHECK_EQUAL(full->authorities_file, file);
  CAF_CHECK_EQUAL(full->certificate_file, file);
  CAF_CHECK_EQUAL(full->certificate_password, test::planted("key"));
  CAF_CHECK(!full->allow_invalid_certificates && full->allow_invalid_hostnames);
  const auto insecure = plan_of(with_uri("mongodb://db/?tls=true&tlsInsecure=true")).tls;
  CAF_REQUIRE(insecure.has_value());
  CAF_CHECK(insecure->allow_invalid_certificates && insecure->allow_invalid_hostnames);
}

CAF_TEST(what cannot be used is refused with the reason and without secrets) {
  const auto user = test::planted("alice");
  const auto password = test::planted("password");
  const auto login = user + ':' + password + '@';
  const std::pair<std::string, const char*> cases[] = {
    {"", "the connection string is malformed: "},
    {"mysql://db", "the connection string is malformed: "},
    {"mongodb://" + user + ":" + password + ":ret@db/", "the connection string is malformed: "},
    {"mongodb://" + login + "db/?w=-5", "libmongoc refuses the connection string: "},
    {"mongodb://" + user + "@db/?authMechanism=MONGODB-X509&authSource=" + password,
     "libmongoc refuses the connection string: "},
    {"mongodb://a,b/?directConnection=true", "libmongoc refuses the connection string: "},
    {"mongodb://db/?tls=" + password,
     "libmongoc refuses the connection string: Unsupported value for "},
    {"mongodb://db/?tls=true&tlsCAFile=/no/such/file",
     "the file of the option tlsCAFile cannot be"},
    {"mongodb://db/?tls=true&tlsCertificateKeyFile=/no/such/file",
     "the file of the option tlsCertificateKeyFile cannot be"},
    {"mongodb://db/?tls=true&tlsDisableOCSPEndpointCheck=true",
     "the option tlsdisableocspendpointcheck is not supported"},
  };
  for (const auto& [uri, begin] : cases) {
    const auto refusal = refusal_of(with_uri(uri));
    CAF_MESSAGE(refusal);
    CAF_CHECK(refusal.starts_with(begin));
    CAF_CHECK(!test::find_plant(refusal));
  }
  auto long_name = with_uri("mongodb://db/");
  long_name.app_name.assign(129, 'x');
  CAF_CHECK_EQUAL(refusal_of(long_name),
                  "the application name has 129 bytes; at most 128 of UTF-8 are allowed");
}

CAF_TEST(a driver knows its address and refuses what cannot be used) {
  const auto made
    = make_driver(with_uri("mongodb://" + test::planted("alice:secret") + "@a:1,b/?tls=true"));
  CAF_REQUIRE(std::holds_alternative<std::shared_ptr<driver>>(made));
  CAF_CHECK_EQUAL(std::get<std::shared_ptr<driver>>(made)->address(), "a:1,b");
  CAF_CHECK(std::holds_alternative<failure>(make_driver(with_uri("mongodb://"))));
}

CAF_TEST(names of databases are checked) {
  for (const char* name : {"a", "$external", "ä-b_c", "config"})
    CAF_CHECK(!database_name_problem(name));
  CAF_CHECK(!database_name_problem(std::string(63, 'x')));
  for (const char* name : {"", "a.b", "a b", "$x", "a/b", "a\\b", "a\"b"})
    CAF_CHECK(database_name_problem(name).has_value());
  CAF_CHECK(database_name_problem(std::string(64, 'x')).has_value());
  CAF_CHECK(database_name_problem(std::string(1, '\0')).has_value());
}
