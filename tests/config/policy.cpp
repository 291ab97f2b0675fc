#define CAF_SUITE config_policy

#include "moor/config/policy.hpp"

#include <functional>
#include <string>

#include <caf/test/unit_test.hpp>

#include "moor/config/layers.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/validate.hpp"

using namespace moor;

namespace {

settings in_production(std::string uri, allowances allow = {}) {
  auto values = settings_for(profile::production);
  values.uri = std::move(uri);
  values.allow = allow;
  return values;
}

/// Names and problems, joined by semicolons. All must be errors.
std::string found(const settings& values) {
  std::string text;
  for (const auto& one : validate(values)) {
    CAF_CHECK(one.grade == severity::error);
    CAF_CHECK_EQUAL(to_string(one).find("secret"), std::string::npos);
    text += (text.empty() ? "" : "; ") + one.setting + " " + one.problem;
  }
  return text;
}

const std::string no_tls = "uri leads to another machine without TLS";
const std::string nobody = "uri names nobody to log in as";

} // namespace

CAF_TEST(TLS is demanded to every machine but this one) {
  for (const char* here : {"localhost", "LOCALHOST:1", "db.localhost", "127.0.0.1", "127.3.2.1:5",
                           "[::1]", "[::ffff:127.0.0.1]", "%2Frun%2Fdb.sock", "localhost,[::1]"})
    CAF_CHECK_EQUAL(found(in_production("mongodb://u:secret@" + std::string{here} + "/")), "");
  for (const char* away : {"db", "128.0.0.1", "[::2]", "localhost.example", "127.0.0.1.example",
                           "notlocalhost", "localhost,db"}) {
    const auto uri = "mongodb://u:secret@" + std::string{away} + "/";
    CAF_CHECK_EQUAL(found(in_production(uri)), no_tls);
    CAF_CHECK_EQUAL(found(in_production(uri + "?tls=false")), no_tls);
    CAF_CHECK_EQUAL(found(in_production(uri + "?tls=true")), "");
    CAF_CHECK_EQUAL(found(in_production(uri + "?ssl=true")), "");
    CAF_CHECK_EQUAL(found(in_production(uri, {allowance::no_tls})), "");
  }
  CAF_CHECK_EQUAL(found(in_production("mongodb+srv://u:secret@a.b.c/")), "");
  CAF_CHECK_EQUAL(found(in_production("mongodb+srv://u:secret@a.b.c/?tls=false")), no_tls);
}

CAF_TEST(switches that weaken TLS) {
  const std::pair<const char*, allowance> all[] = {
    {"tlsInsecure", allowance::tls_insecure},
    {"tlsAllowInvalidCertificates", allowance::tls_allow_invalid_certificates},
    {"tlsAllowInvalidHostnames", allowance::tls_allow_invalid_hostnames},
  };
  for (const auto& [name, exception] : all) {
    const auto uri = "mongodb://u:secret@db/?tls=true&" + std::string{name} + "=";
    CAF_CHECK_EQUAL(found(in_production(uri + "true")),
                    std::string{name} + " leaves the server's certificate unchecked");
    CAF_CHECK_EQUAL(found(in_production(uri + "false")), "");
    for (const auto other : all_allowances)
      CAF_CHECK_EQUAL(found(in_production(uri + "true", {other})).empty(), other == exception);
  }
}

CAF_TEST(somebody must log in) {
  CAF_CHECK_EQUAL(found(in_production("mongodb://localhost/")), nobody);
  CAF_CHECK_EQUAL(found(in_production("mongodb://localhost/", {allowance::no_credentials})), "");
  CAF_CHECK_EQUAL(found(in_production("mongodb://db/?tls=true&authMechanism=MONGODB-X509")), "");
  CAF_CHECK_EQUAL(found(in_production("mongodb://db/")), no_tls + "; " + nobody);
}

CAF_TEST(a user needs a password where the mechanism does) {
  const std::string no_password = "uri names a user without a password";
  const auto judged = [](const std::string& userinfo, const std::string& mechanism) {
    const auto option = mechanism.empty() ? "" : "?authMechanism=" + mechanism;
    return found(in_production("mongodb://" + userinfo + "localhost/" + option));
  };
  for (const char* mechanism : {"", "SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"}) {
    CAF_CHECK_EQUAL(judged("u@", mechanism), no_password);
    CAF_CHECK_EQUAL(judged("u:@", mechanism), no_password);
    CAF_CHECK_EQUAL(judged("u:secret@", mechanism), "");
  }
  for (const char* mechanism : {"MONGODB-X509", "GSSAPI"})
    CAF_CHECK_EQUAL(judged("u@", mechanism), "");
  CAF_CHECK_EQUAL(judged("", "MONGODB-AWS"), "");
  CAF_CHECK_EQUAL(found(in_production("mongodb://u@localhost/", {allowance::no_credentials})), "");
  auto by_file = in_production("mongodb://u@localhost/"); // what is wrong with it is told elsewhere
  by_file.password_file = "/run/secrets/password";
  CAF_CHECK_EQUAL(found(by_file), "");
}

CAF_TEST(timeouts of zero that are no settings) {
  for (const char* name : {"wTimeoutMS", "timeoutMS"}) {
    const auto uri = "mongodb://u:secret@localhost/?" + std::string{name} + "=";
    CAF_CHECK_EQUAL(found(in_production(uri + "0")),
                    std::string{name} + " is 0, which means no timeout");
    CAF_CHECK_EQUAL(found(in_production(uri + "1")), "");
    CAF_CHECK_EQUAL(found(in_production(uri + "0", {allowance::zero_timeouts})), "");
  }
}

CAF_TEST(an endpoint that other machines reach) {
  const auto judged = [](const char* listen, allowances allow = {}) {
    auto values = in_production("mongodb://u:secret@localhost/", allow);
    values.endpoint.listen = listen;
    return found(values);
  };
  const std::string nobody_asked = "http-listen serves other machines without a password";
  const std::string in_clear = "http-listen serves other machines without TLS";
  for (const auto* here : {"", "127.0.0.1:9464", "127.3.2.1:0", "[::1]:9464", "localhost:0"})
    CAF_CHECK_EQUAL(judged(here), "");
  for (const auto* away : {"0.0.0.0:9464", "[::]:9464", "192.0.2.1:0", "127.example:1", "db:1"}) {
    CAF_CHECK_EQUAL(judged(away), nobody_asked + "; " + in_clear);
    CAF_CHECK_EQUAL(judged(away, {allowance::http_no_tls}), nobody_asked);
    CAF_CHECK_EQUAL(judged(away, {allowance::http_no_credentials}), in_clear);
    CAF_CHECK_EQUAL(judged(away, {allowance::no_tls, allowance::no_credentials}),
                    nobody_asked + "; " + in_clear);
  }
  auto values = in_production("mongodb://u:secret@localhost/");
  values.endpoint.listen = "0.0.0.0:9464";
  values.endpoint.user = "visitor";
  values.endpoint.password_file = "/run/secrets/visitor";
  CAF_CHECK_EQUAL(found(values), in_clear);
  values.endpoint.certificate_file = "/etc/moor/site.pem";
  CAF_CHECK_EQUAL(found(values), "");
}

CAF_TEST(settings of an endpoint that cannot work together) {
  const auto judged = [](const std::function<void(settings&)>& change) {
    auto values = in_production("mongodb://u:secret@localhost/");
    values.endpoint.listen = "127.0.0.1:9464";
    change(values);
    auto unheard = values;
    unheard.endpoint.listen.clear(); // nothing is opened
    CAF_CHECK_EQUAL(found(unheard), "");
    return found(values);
  };
  CAF_CHECK_EQUAL(judged([](settings&) {}), "");
  CAF_CHECK_EQUAL(judged([](settings& s) { s.endpoint.user = "operator"; }),
                  "http-user has no http-password-file beside it");
  CAF_CHECK_EQUAL(judged([](settings& s) { s.endpoint.password_file = "/run/p"; }),
                  "http-password-file has no http-user beside it");
  CAF_CHECK_EQUAL(judged([](settings& s) {
                    s.endpoint.user = "a:b";
                    s.endpoint.password_file = "/run/p";
                  }),
                  "http-user holds a colon, which basic authentication cannot tell from the "
                  "password's");
  CAF_CHECK_EQUAL(judged([](settings& s) { s.endpoint.key_file = "/run/site.key"; }),
                  "http-key-file has no http-certificate-file beside it");
  CAF_CHECK_EQUAL(judged([](settings& s) { s.metrics_interval = duration::zero(); }),
                  "http-listen has nothing to show with a metrics-interval of 0");
}

CAF_TEST(settings of an endpoint that cannot work together are warnings in development) {
  settings values;
  values.uri = "mongodb://localhost/";
  values.endpoint.listen = "127.0.0.1:9464";
  values.endpoint.password_file = "hunter2"; // the password itself, perhaps
  const auto all = validate(values);
  CAF_REQUIRE_EQUAL(all.size(), 1U);
  CAF_CHECK_EQUAL(to_string(all[0]),
                  "warning: http-password-file = \"***\" (the program's code) has no http-user "
                  "beside it; allowed is a user whose password it holds, or neither of the two.");
}

CAF_TEST(an endpoint that other machines reach is a warning in development) {
  settings values;
  values.uri = "mongodb://localhost/";
  values.endpoint.listen = "0.0.0.0:9464";
  values.allow = {allowance::http_no_credentials};
  const auto all = validate(values);
  CAF_REQUIRE_EQUAL(all.size(), 1U);
  CAF_CHECK_EQUAL(to_string(all[0]),
                  "warning: http-listen = \"0.0.0.0:9464\" (the program's code) serves other "
                  "machines without TLS; allowed is http-certificate-file, a loopback address such "
                  "as 127.0.0.1:9464, or http-no-tls among the names in the setting allow; in "
                  "production this is refused (policy http-no-tls).");
}

CAF_TEST(nothing of it is asked in development) {
  settings values;
  values.uri = "mongodb://db/?tlsInsecure=true&wTimeoutMS=0";
  CAF_CHECK(validate(values).empty());
  CAF_CHECK_EQUAL(secret_file_problem(values, 0777), "");
  CAF_CHECK_EQUAL(server_limit_problem(values, 1), "");
}

CAF_TEST(a refusal says what is allowed and how to be excepted) {
  const auto all = validate(in_production("mongodb://u:secret@db/"));
  CAF_REQUIRE_EQUAL(all.size(), 1U);
  CAF_CHECK_EQUAL(
    to_string(all[0]),
    "uri (the program's code) leads to another machine without TLS; allowed in the "
    "production profile is tls=true, or no-tls among the names in the setting allow.");
  const auto result
    = resolve({{source::environment,
                {{"uri", "mongodb://u:secret@localhost/?colur=1"}, {"profile", "production"}}}});
  CAF_REQUIRE_EQUAL(result.findings.size(), 1U);
  CAF_CHECK_EQUAL(
    to_string(result.findings[0]),
    "\"colur\" (option of the connection string, environment variable MONGODB_URI) is "
    "no option of connection strings; docs/configuration.md lists them all.");
}

CAF_TEST(a file with a secret that everybody may read) {
  auto values = settings_for(profile::production);
  for (const auto mode : {0600U, 0640U, 0660U, 0100400U})
    CAF_CHECK_EQUAL(secret_file_problem(values, mode), "");
  for (const auto mode : {0604U, 0644U, 0777U, 0100004U})
    CAF_CHECK(secret_file_problem(values, mode).starts_with("can be read by everybody"));
  values.allow.add(allowance::world_readable_secrets);
  CAF_CHECK_EQUAL(secret_file_problem(values, 0644), "");
}

CAF_TEST(a pool that is larger than its server) {
  auto values = settings_for(profile::production);
  CAF_CHECK_EQUAL(server_limit_problem(values, values.max_pool_size), "");
  CAF_CHECK_EQUAL(server_limit_problem(values, 20),
                  "max-pool-size is 50, but the server takes 20 connections in all; allowed in the "
                  "production profile is at most as many, or pool-above-server-limit among the "
                  "names in the setting allow");
  values.allow.add(allowance::pool_above_server_limit);
  CAF_CHECK_EQUAL(server_limit_problem(values, 20), "");
}

CAF_TEST(names of exceptions are written and read back) {
  std::string problem;
  allowances all;
  for (const auto one : all_allowances) {
    CAF_CHECK(parse_allowances(to_string(one), problem) == allowances{one});
    all.add(one);
  }
  CAF_CHECK(parse_allowances(to_string(all), problem) == all);
  CAF_CHECK(parse_allowances(to_string(allowances{}), problem) == allowances{});
  CAF_CHECK(parse_allowances(" no-tls ,  zero-timeouts", problem)
            == (allowances{allowance::no_tls, allowance::zero_timeouts}));
  CAF_CHECK_EQUAL(problem, "");
  for (const char* bad : {"no-tls,", ",", "none,no-tls", "everything", "NO-TLS"})
    CAF_CHECK(!parse_allowances(bad, problem));
  CAF_CHECK(!parse_allowances("NO-TLS", problem));
  CAF_CHECK_EQUAL(problem, "holds a name that is no exception (the nearest one is no-tls)");
  CAF_CHECK(!parse_allowances("", problem));
  CAF_CHECK_EQUAL(problem, "is empty");
}

CAF_TEST(the longest timeouts are those that the settings take) {
  for (const auto& entry : setting_table()) {
    const auto longest = stand_in_for_zero(entry.key, {allowance::zero_timeouts});
    CAF_CHECK(!stand_in_for_zero(entry.key, {}));
    if (!longest)
      continue;
    settings values;
    CAF_CHECK_EQUAL(entry.assign(values, *longest), "");
    CAF_CHECK_EQUAL(entry.assign(values, "0"), "is too small");
    CAF_CHECK_NOT_EQUAL(entry.allowed().find(" to " + *longest), std::string::npos);
  }
}
