// Credentials and certificates that are not accepted: said, counted, and not hammered.
#define CAF_SUITE refusals

#include "integration/rig.hpp"
#include "moor/mongo/driver.hpp"
#include "support/certificates.hpp"

#include <chrono>

using namespace moor;
using namespace moor::test;

namespace {

struct refusal_rig : server_rig {
  /// Connections that the server ever took, not counting the one that asks. The server is asked
  /// with credentials where it demands them.
  std::int64_t taken(mongo::connection& admin) {
    const auto status = std::get<document>(
      admin.command("admin", std::get<document>(mongo::from_json(R"({"serverStatus": 1})"))));
    const auto json = nlohmann::json::parse(std::get<std::string>(mongo::to_json(status)));
    return json.at("connections").at("totalCreated").get<std::int64_t>();
  }

  std::shared_ptr<mongo::connection> admin_with(const std::string& uri) {
    settings from;
    from.uri = uri;
    from.connect_timeout = forever;
    auto made = std::get<std::shared_ptr<mongo::driver>>(mongo::make_driver(from));
    auto result = made->make_connection();
    if (const auto problem = result->establish())
      CAF_FAIL(problem->text);
    return result;
  }

  health_report health(const pool_actor& pool) {
    health_report got;
    self->request(pool, forever, get_health{})
      .receive([&](health_report& r) { got = std::move(r); },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return got;
  }

  bool says(const health_report& report, const std::string& part) {
    for (const auto& cause : report.causes)
      if (cause.find(part) != cause.npos)
        return true;
    return false;
  }

  /// Many requests, each of which must be refused at once and say why.
  void check_refused(const pool_actor& pool, failure_cause cause, const std::string& part) {
    for (int i = 0; i < 300; ++i) {
      const auto got = command(pool, R"({"ping": 1})");
      if (got.value || failure_cause_of(got.error) != cause
          || describe(got.error).find(part) == std::string::npos)
        CAF_FAIL("not refused for that: " << describe(got.error));
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(refusal_tests, refusal_rig)

CAF_TEST(a password that changed does not hammer the server and the pool comes back) {
  server.run("admin", R"({"createUser": "root", "pwd": "boss", "roles": ["root"]})");
  server.run("admin", R"({"createUser": "anna", "pwd": "right", "roles": ["root"]})");
  server_options demanding;
  demanding.authentication = true;
  server.restart(demanding);
  const auto admin
    = admin_with("mongodb://root:boss@" + server.address() + "/?directConnection=true");
  const auto change = [&](const char* password) {
    const auto got = admin->command(
      "admin", std::get<document>(mongo::from_json(std::string{R"({"updateUser": "anna", "pwd": ")"}
                                                   + password + "\"}")));
    CAF_REQUIRE(std::holds_alternative<document>(got));
  };
  config.uri = "mongodb://anna:right@" + server.address() + "/?directConnection=true";
  config.retry.attempts = 3;
  config.retry.first_delay = 10ms;
  config.retry.longest_delay = 24h; // none of those comes within the test
  config.health.interval = config.health.interval_unhealthy = 100ms;
  const auto pool = start();
  CAF_CHECK(command(pool, R"({"ping": 1})").value);
  change("other");
  const auto before = taken(*admin);
  self->send(pool, clear{});
  CAF_CHECK(eventually([&] {
    return failure_cause_of(command(pool, R"({"ping": 1})").error) == failure_cause::credentials;
  }));
  check_refused(pool, failure_cause::credentials, "wrong password");
  CAF_CHECK(eventually([&] { return taken(*admin) - before >= 3; }));
  check_refused(pool, failure_cause::credentials, "wrong password");
  // Three probes; and what the pool and the monitor had begun when it was cleared.
  CAF_CHECK_LESS_OR_EQUAL(taken(*admin) - before, 3 + 2 + 1);
  CAF_CHECK(eventually([&] { return health(pool).state == health_state::unavailable; }));
  CAF_CHECK(says(health(pool), "the server refused the credentials"));
  CAF_CHECK(eventually([&] { return stats(pool).errors == 3; }));
}

CAF_TEST(a password that is put right is found within the longest delay) {
  server.run("admin", R"({"createUser": "root", "pwd": "boss", "roles": ["root"]})");
  server.run("admin", R"({"createUser": "anna", "pwd": "right", "roles": ["root"]})");
  server_options demanding;
  demanding.authentication = true;
  server.restart(demanding);
  const auto admin
    = admin_with("mongodb://root:boss@" + server.address() + "/?directConnection=true");
  const auto change = [&](const char* password) {
    const auto got = admin->command(
      "admin", std::get<document>(mongo::from_json(std::string{R"({"updateUser": "anna", "pwd": ")"}
                                                   + password + "\"}")));
    CAF_REQUIRE(std::holds_alternative<document>(got));
  };
  config.uri = "mongodb://anna:right@" + server.address() + "/?directConnection=true";
  config.health.interval = config.health.interval_unhealthy = 100ms;
  const auto pool = start();
  change("other");
  self->send(pool, clear{});
  CAF_CHECK(eventually([&] {
    return failure_cause_of(command(pool, R"({"ping": 1})").error) == failure_cause::credentials;
  }));
  change("right");
  CAF_CHECK(eventually([&] { return command(pool, R"({"ping": 1})").value.has_value(); }));
}

CAF_TEST(a certificate that expired does not hammer the server and a new one is found) {
  const certificate_authority authority;
  const auto expired
    = authority.issue("expired", {.not_before = "20200101000000Z", .not_after = "20200102000000Z"});
  server_options good;
  good.tls = authority.issue("localhost");
  server_options bad;
  bad.tls = expired;
  server.restart(good);
  config.uri = "mongodb://localhost:" + std::to_string(server.port())
               + "/?directConnection=true&tls=true&tlsCAFile=" + authority.file().string();
  config.retry.attempts = 3;
  config.retry.longest_delay = 200ms;
  config.health.interval = config.health.interval_unhealthy = 100ms;
  const auto pool = start();
  CAF_CHECK(command(pool, R"({"ping": 1})").value);
  server.restart(bad);
  CAF_CHECK(eventually([&] {
    return failure_cause_of(command(pool, R"({"ping": 1})").error) == failure_cause::tls_expired;
  }));
  check_refused(pool, failure_cause::tls_expired, "has expired");
  CAF_CHECK(eventually([&] { return says(health(pool), "the server's certificate has expired"); }));
  server.restart(good);
  CAF_CHECK(eventually([&] { return command(pool, R"({"ping": 1})").value.has_value(); }));
}

CAF_TEST(a certificate that is not acceptable ends the start at once) {
  const certificate_authority authority;
  const certificate_authority other;
  server_options options;
  options.tls = authority.issue("localhost");
  server.restart(options);
  config.uri = "mongodb://localhost:" + std::to_string(server.port())
               + "/?directConnection=true&tls=true&tlsCAFile=" + other.file().string();
  config.retry.attempts = 5;
  config.retry.first_delay = 24h;
  config.retry.longest_delay = 24h;
  const auto started = db.start(config);
  CAF_REQUIRE(!started);
  CAF_CHECK(code_of(started.error()) == errc::tls_failed);
  CAF_CHECK_EQUAL(to_string(failure_cause_of(started.error())), "tls_unknown_authority");
  CAF_CHECK_NOT_EQUAL(describe(started.error()).find("(after 1 attempt)"), std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
