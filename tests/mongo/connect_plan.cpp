#define CAF_SUITE mongo_connect_plan

#include "moor/mongo/connect_plan.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <caf/test/unit_test.hpp>

#include "moor/config/uri_options.hpp"
#include "moor/mongo/database_name.hpp"
#include "moor/mongo/driver.hpp"
#include "moor/mongo/library.hpp"
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
    {"mongodb://" + login + "db/?w=-5",
     "the connection string's options cannot be used: \"w\" is negative"},
    {"mongodb://" + user + "@db/?authMechanism=MONGODB-X509&authSource=" + password,
     "the connection string's options cannot be used: \"authSource\" is another than"},
    {"mongodb://a,b/?directConnection=true",
     "the connection string's options cannot be used: \"directConnection\" is true with"},
    {"mongodb://db/?tls=" + password,
     "the connection string's options cannot be used: \"tls\" is neither true nor false"},
    {"mongodb+srv://" + password + "/", "libmongoc refuses the connection string: "},
    {"mongodb://db/?tls=true&tlsCAFile=/no/such/file",
     "the file of the option tlsCAFile cannot be read (\"/no/such/file\": No such file"},
    {"mongodb://db/?tls=true&tlsCAFile=" + password,
     "the file of the option tlsCAFile cannot be read (***: No such file"},
    {"mongodb://db/?tls=true&tlsCAFile=" + password + "%2Fx",
     "the file of the option tlsCAFile cannot be read (***: No such file"},
    {"mongodb://db/?tls=true&tlsCAFile=/dev/zero",
     "the file of the option tlsCAFile is no regular file"},
    {"mongodb://db/?tls=true&tlsCertificateKeyFile=/tmp",
     "the file of the option tlsCertificateKeyFile is no regular file"},
    {"mongodb://db/?tls=true&tlsCertificateKeyFile=/no/such/file",
     "the file of the option tlsCertificateKeyFile cannot be read (\"/no/such/file\": No such"},
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

CAF_TEST(libmongoc gets no option that does not count) {
  const auto plan
    = plan_of(with_uri("mongodb://db/?colour=red&w=1&W=2&localThresholdMS=x&wtimeout=7"
                       "&replicaSet=a%26b%20c&ssl=true&appName=x"));
  const auto* options = mongoc_uri_get_options(plan.uri.get());
  CAF_CHECK(!bson_has_field(options, "colour") && !bson_has_field(options, "localthresholdms"));
  CAF_CHECK_EQUAL(mongoc_write_concern_get_w(mongoc_uri_get_write_concern(plan.uri.get())), 2);
  CAF_CHECK_EQUAL(std::string{mongoc_uri_get_replica_set(plan.uri.get())}, "a&b c");
  CAF_CHECK_EQUAL(mongoc_uri_get_option_as_int64(plan.uri.get(), MONGOC_URI_WTIMEOUTMS, -1), 7);
  CAF_CHECK(plan.tls.has_value());
}

CAF_TEST(a user without the password that the mechanism needs is refused) {
  for (const char* uri :
       {"mongodb://u@db/", "mongodb://u:@db/", "mongodb://u@db/?authMechanism=SCRAM-SHA-256"}) {
    auto from = with_uri(uri);
    from.allow.add(allowance::no_credentials); // which makes no password of none
    CAF_CHECK(refusal_of(from).starts_with("the connection string names a user without a "
                                           "password"));
  }
  CAF_CHECK_EQUAL(refusal_of(with_uri("mongodb://u@db/?tls=true&authMechanism=MONGODB-X509")),
                  "accepted");
}

CAF_TEST(what this libmongoc cannot do is refused as that) {
  const auto begin
    = "the connection string is valid, but not supported by libmongoc " + library_version() + ": ";
  const std::pair<const char*, const char*> cases[] = {
    {"mongodb://db/?proxyHost=h", "the option proxyHost"},
    {"mongodb://db/?timeoutMS=5", "the option timeoutMS"},
    {"mongodb://db/?serverMonitoringMode=poll&proxyHost=h&proxyPort=1",
     "the option serverMonitoringMode, the option proxyHost, the option proxyPort"},
    {"mongodb://db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:test",
     "the authMechanism MONGODB-OIDC"},
    {"mongodb://u:p@db/?authMechanism=MONGODB-CR", "the authMechanism MONGODB-CR"},
    {"mongodb://u:p@db/?authMechanism=GSSAPI&authMechanismProperties=CANONICALIZE_HOST_NAME:"
     "forward",
     "CANONICALIZE_HOST_NAME:forward in authMechanismProperties"},
  };
  for (const auto& [uri, what] : cases)
    CAF_CHECK_EQUAL(refusal_of(with_uri(uri)), begin + what);
  const uri_owner probe{mongoc_uri_new("mongodb://db/")};
  for (const char* name : {"snappy", "zlib", "zstd"}) {
    const auto refusal = refusal_of(with_uri("mongodb://db/?compressors=" + std::string{name}));
    mongoc_uri_set_compressors(probe.get(), name);
    const bool knows = bson_has_field(mongoc_uri_get_compressors(probe.get()), name);
    CAF_CHECK_EQUAL(refusal, knows ? "accepted" : begin + "the compressor " + name);
  }
}

CAF_TEST(every option of the specification is supported or refused and none is lost) {
  for (const auto& entry : uri_option_table()) {
    if (entry.kind != uri_option_kind::flag && entry.kind != uri_option_kind::number)
      continue;
    const auto value = entry.kind == uri_option_kind::flag ? "true" : std::to_string(entry.least);
    const auto scheme
      = entry.name == "srvMaxHosts" ? "mongodb+srv://a.b.example/?" : "mongodb://db/?";
    const auto refusal = refusal_of(
      with_uri(scheme + std::string{entry.name} + "=" + value
               + (entry.name == "maxStalenessSeconds" ? "&readPreference=nearest" : "")));
    CAF_MESSAGE(entry.name << ": " << refusal);
    CAF_CHECK(!refusal.starts_with("libmongoc refuses"));
  }
}

CAF_TEST(a key that everybody may read is refused in production) {
  const test::scratch_directory directory;
  const auto file = directory.path() / "key.pem";
  std::ofstream{file} << "x";
  auto from = with_uri("mongodb://u:p@db/?tls=true&tlsCertificateKeyFile=" + file.string()
                       + "&tlsCAFile=" + file.string());
  const auto readable_by = [&](auto mode) { std::filesystem::permissions(file, mode); };
  const auto others = std::filesystem::perms::owner_read | std::filesystem::perms::others_read;
  readable_by(others);
  CAF_CHECK_EQUAL(refusal_of(from), "accepted");
  from.profile = profile::production;
  CAF_CHECK(refusal_of(from).starts_with(
    "the file of the option tlsCertificateKeyFile can be read by everybody on this machine; "));
  from.allow.add(allowance::world_readable_secrets);
  CAF_CHECK_EQUAL(refusal_of(from), "accepted");
  from.allow = {};
  readable_by(std::filesystem::perms::owner_read);
  CAF_CHECK_EQUAL(refusal_of(from), "accepted");
}

CAF_TEST(a driver knows its address and refuses what cannot be used) {
  const auto made
    = make_driver(with_uri("mongodb://" + test::planted("alice:secret") + "@a:1,b/?tls=true"));
  CAF_REQUIRE(std::holds_alternative<std::shared_ptr<driver>>(made));
  CAF_CHECK_EQUAL(std::get<std::shared_ptr<driver>>(made)->address(), "a:1,b");
  CAF_CHECK(std::holds_alternative<failure>(make_driver(with_uri("mongodb://"))));
}

CAF_TEST(a driver is another one when its certificate files hold something else) {
  const test::scratch_directory directory;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream{directory.path() / name} << text;
    return (directory.path() / name).string();
  };
  const auto from = with_uri("mongodb://db/?tls=true&tlsCAFile=" + write("authorities", "one")
                             + "&tlsCertificateKeyFile=" + write("certificate", "one"));
  const auto make = [&] { return std::get<std::shared_ptr<driver>>(make_driver(from)); };
  const auto first = make();
  CAF_CHECK(make()->is_same_as(*first));
  for (const char* file : {"authorities", "certificate"}) {
    write(file, "two"); // of the same length
    CAF_CHECK(!make()->is_same_as(*first));
    write(file, "one");
    CAF_CHECK(make()->is_same_as(*first));
  }
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
