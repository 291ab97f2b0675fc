// Servers that are not there, not ours, or go away.
#define CAF_SUITE outages

#include "integration/rig.hpp"

#include <atomic>

#include <caf/event_based_actor.hpp>

using namespace moor;
using namespace moor::test;

namespace {

/// What a crowd of clients met.
struct tally {
  std::atomic<int> asked{0};
  std::atomic<int> served{0};
  std::atomic<int> refused{0};
  std::atomic<bool> stop{false};

  int answered() const { return served + refused; }
};

const document& ping() {
  static const auto body = std::get<document>(mongo::from_json(R"({"ping": 1})"));
  return body;
}

server_options demanding_credentials() {
  server_options options;
  options.authentication = true;
  return options;
}

/// Asks, and asks again when answered, until told to stop. A refusal is followed by a pause.
caf::behavior client(caf::event_based_actor* self, pool_actor pool, std::shared_ptr<tally> t) {
  self->send(self, 1);
  return {[=](int) mutable {
    if (t->stop)
      return self->quit();
    ++t->asked;
    ask_command(self, pool, {.operation = "ping", .timeout = 2s}, "admin", ping())
      .then(
        [=](document&) {
          ++t->served;
          self->send(self, 1);
        },
        [=](caf::error&) {
          ++t->refused;
          self->delayed_send(self, 5ms, 1);
        });
  }};
}

struct outage_rig : server_rig {
  void crowd(const pool_actor& pool, int size) {
    for (int i = 0; i < size; ++i)
      clients.push_back(system.spawn(client, pool, t));
  }

  /// Everybody stops after the answer that is due; true if every request got one.
  bool all_answered() {
    t->stop = true;
    for (const auto& c : clients)
      self->wait_for(c);
    return t->asked == t->answered();
  }

  std::shared_ptr<tally> t = std::make_shared<tally>();
  std::vector<caf::actor> clients;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(outage_tests, outage_rig)

CAF_TEST(a server killed and restarted under load answers every request and serves again) {
  const auto pool = start();
  crowd(pool, 16);
  CAF_CHECK(eventually([&] { return t->served > 50; }));
  for (int i = 0; i < 3; ++i) {
    server.kill_now();
    CAF_CHECK(eventually([&] { return stats(pool).phase == pool_phase::paused; }));
    server.restart();
    const auto before = t->served.load();
    CAF_CHECK(eventually([&] { return t->served > before + 50; }));
  }
  CAF_CHECK(all_answered());
  const auto s = stats(pool);
  CAF_CHECK_EQUAL(s.granted, s.returned + s.revoked + s.out);
  CAF_CHECK_EQUAL(s.reconnections, 3u);
  CAF_CHECK_LESS_OR_EQUAL(s.total, 4u);
}

CAF_TEST(a drain under load serves or refuses everybody) {
  const auto pool = start();
  crowd(pool, 16);
  CAF_CHECK(eventually([&] { return t->served > 50; }));
  db.drain(10s);
  CAF_CHECK(all_answered());
  CAF_CHECK_EQUAL(stats(pool).phase, pool_phase::closed);
  CAF_CHECK(eventually([&] { return connections_at_server() == 0; }));
}

CAF_TEST(a wrong port is told by its address and leaves nothing) {
  server.kill_now();
  const auto started = db.start(config);
  CAF_REQUIRE(!started);
  CAF_CHECK(code_of(started.error()) == errc::connect_failed);
  CAF_CHECK_NOT_EQUAL(describe(started.error()).find(server.address()), std::string::npos);
  CAF_CHECK_NOT_EQUAL(describe(started.error()).find("2 attempts"), std::string::npos);
}

CAF_TEST(a wrong host is told by its name) {
  config.uri = "mongodb://no-such-host.invalid:27017/";
  const auto started = db.start(config);
  CAF_REQUIRE(!started);
  CAF_CHECK(code_of(started.error()) == errc::connect_failed);
  CAF_CHECK_NOT_EQUAL(describe(started.error()).find("no-such-host.invalid"), std::string::npos);
}

CAF_TEST(a name without records of servers is told by its name after all attempts) {
  config.uri = "mongodb+srv://cluster.no-such-host.invalid/?tls=false";
  const auto started = db.start(config);
  CAF_REQUIRE(!started);
  const auto text = describe(started.error());
  CAF_MESSAGE(text);
  CAF_CHECK(code_of(started.error()) == errc::connect_failed);
  CAF_CHECK_NOT_EQUAL(text.find("cluster.no-such-host.invalid"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("DNS"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(text.find("2 attempts"), std::string::npos);
}

CAF_TEST(a wrong password is told at once and printed nowhere) {
  server.run("admin", R"({"createUser": "anna", "pwd": "right", "roles": ["root"]})");
  server.restart(demanding_credentials());
  config.uri = "mongodb://anna:wr0ng-s3cret@" + server.address() + "/?directConnection=true";
  const auto refused = db.start(config);
  CAF_REQUIRE(!refused);
  CAF_CHECK(code_of(refused.error()) == errc::authentication_failed);
  CAF_CHECK_EQUAL(describe(refused.error()).find("wr0ng-s3cret"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(describe(refused.error()).find("1 attempt"), std::string::npos);
  config.uri = "mongodb://anna:right@" + server.address() + "/?directConnection=true";
  CAF_CHECK(command(start(), R"({"ping": 1})").value);
}

CAF_TEST(credentials that are missing are told when the server demands them) {
  server.run("admin", R"({"createUser": "anna", "pwd": "right", "roles": ["root"]})");
  server.restart(demanding_credentials());
  const auto pool = start();
  const auto got = command(pool, R"({"find": "fruit"})");
  CAF_CHECK(!got.value);
  CAF_CHECK_EQUAL(describe(got.error),
                  "operation_failed: the server answered with error 13 (Unauthorized)");
}

CAF_TEST_FIXTURE_SCOPE_END()
