// Other settings and credentials on a real server, while the pool is in use.
#define CAF_SUITE reload

#include "integration/rig.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <caf/event_based_actor.hpp>

#include "support/certificates.hpp"

using namespace moor;
using namespace moor::test;

namespace {

/// A server that demands credentials and knows alice and bob; the pool is alice's.
class reload_rig : public server_rig {
public:
  reload_rig() {
    for (const char* user : {"alice", "bob"})
      server.run("admin", R"({"createUser": ")" + std::string{user} + R"(", "pwd": "first", )"
                            + R"("roles": ["root"]})");
    server_options options;
    options.authentication = true;
    server.restart(options);
    config.uri = uri_of("alice:first");
    config.max_pool_size = 6;
    config.min_pool_size = 2;
    // On a machine this busy every wait may be long, which is no reason to give anybody up.
    config.shedding.queue_target = 0s;
    config.wait_queue_timeout = forever;
    config.connect_timeout = forever;
  }

  ~reload_rig() { end_load(); }

  std::string uri_of(const std::string& credentials) const {
    return "mongodb://" + credentials + "@" + server.address() + "/?directConnection=true";
  }

  settings as(const std::string& credentials) const {
    auto s = config;
    s.uri = uri_of(credentials);
    return s;
  }

  /// So many actors that ask one thing after the other until `end_load`.
  void begin_load(const pool_actor& pool, int clients) {
    for (int i = 0; i < clients; ++i) {
      ++running;
      system.spawn([this, pool](caf::event_based_actor* me) { ask_again(me, pool); });
    }
  }

  void end_load() {
    over = true;
    CAF_CHECK(eventually([this] { return running == 0; }));
  }

  void wait_for_answers(int more) {
    const auto enough = answers + more;
    CAF_CHECK(eventually([&] { return answers >= enough; }));
  }

  /// Who the server says its users are on the connections that serve, asked again and again.
  std::string user_of(const pool_actor& pool) {
    const auto got = command(pool, R"({"connectionStatus": 1})");
    if (!got.value)
      CAF_FAIL(describe(got.error));
    const auto status = nlohmann::json::parse(*got.value);
    return status.at("authInfo").at("authenticatedUsers").at(0).at("user").get<std::string>();
  }

  pool_view view_of(const pool_actor& pool) {
    pool_view view;
    self->request(caf::actor_cast<pool_supervisor_actor>(pool), forever, get_view{})
      .receive([&](pool_view& v) { view = std::move(v); }, [](caf::error&) {});
    return view;
  }

  std::atomic<bool> over{false};
  std::atomic<int> running{0};
  std::atomic<int> answers{0};
  std::atomic<int> failures{0};

private:
  void ask_again(caf::event_based_actor* me, const pool_actor& pool) {
    if (over) {
      --running;
      return me->quit();
    }
    ask_command(me, pool, {.operation = "load", .timeout = forever}, "moor_test",
                std::get<document>(mongo::from_json(R"({"find": "things", "limit": 1})")))
      .then(
        [=, this](const document&) {
          ++answers;
          ask_again(me, pool);
        },
        [=, this](const caf::error& why) {
          CAF_MESSAGE(describe(why));
          ++failures;
          ask_again(me, pool);
        });
  }
};

/// A server with a certificate; the pool trusts the authorities of one file.
class tls_rig : public server_rig {
public:
  tls_rig() {
    server_options options;
    options.tls = authority.issue("localhost");
    server.restart(options);
    trust({&authority});
    config.uri = "mongodb://localhost:" + std::to_string(server.port())
                 + "/?directConnection=true&tls=true&tlsCAFile=" + authorities.string();
    config.connect_timeout = forever;
  }

  void trust(const std::vector<const certificate_authority*>& all) const {
    std::ofstream file{authorities};
    for (const auto* one : all)
      file << std::ifstream{one->file()}.rdbuf();
  }

  certificate_authority authority;
  certificate_authority other;
  scratch_directory directory;
  std::filesystem::path authorities = directory.path() / "authorities.pem";
};

void check_books(const pool_stats& s) {
  CAF_CHECK_EQUAL(s.granted, s.returned + s.revoked + s.out);
  CAF_CHECK_EQUAL(s.revoked, 0u);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(reload_tests, reload_rig)

CAF_TEST(credentials are rotated under load and no request fails) {
  const auto pool = start();
  begin_load(pool, 8);
  auto lent = lend(pool, forever, true);
  CAF_REQUIRE(lent.value);
  wait_for_answers(50);
  // Full, so that none is made between this look and the reload.
  CAF_REQUIRE(eventually([&] { return stats(pool).total == config.max_pool_size; }));
  connection_id newest = 0;
  for (const auto& c : view_of(pool).connections)
    newest = std::max(newest, c.connection);
  const auto report = db.reload(as("bob:first"));
  if (!report)
    CAF_FAIL(describe(report.error()));
  CAF_CHECK(report->rotates);
  CAF_CHECK_EQUAL(report->changed.size(), 1u);
  // Every connection of before is replaced but the one that is lent, which works on.
  CAF_CHECK(eventually([&] {
    const auto view = view_of(pool);
    std::uint64_t rotated = 0;
    for (const auto& e : view.events)
      if (e.type == event_type::connection_closed && e.reason == event_reason::rotated)
        rotated = e.count;
    std::uint64_t before = 0;
    for (const auto& c : view.connections)
      before += c.connection <= newest ? 1 : 0;
    return rotated > 0 && before == 1;
  }));
  CAF_CHECK(command(*lent.value, R"({"find": "things"})").value.has_value());
  CAF_CHECK_EQUAL(user_of(pool), "bob");
  wait_for_answers(50);
  lent.value->give_back();
  end_load();
  CAF_CHECK_EQUAL(failures.load(), 0);
  CAF_CHECK(eventually([&] { return stats(pool).out == 0; }));
  const auto s = stats(pool);
  check_books(s);
  CAF_CHECK_EQUAL(s.generation, 0u); // never cleared
  CAF_CHECK_EQUAL(s.refused + s.timed_out, 0u);
}

CAF_TEST(a wrong password leaves the old one in force and says so) {
  const auto pool = start();
  begin_load(pool, 4);
  wait_for_answers(10);
  auto wanted = as("alice:m1staken");
  wanted.max_pool_size = 3;
  const auto report = db.reload(wanted);
  CAF_REQUIRE(!report);
  CAF_CHECK(code_of(report.error()) == errc::authentication_failed);
  const auto text = describe(report.error());
  CAF_CHECK_NOT_EQUAL(text.find("the settings of before stay in force"), std::string::npos);
  for (const char* secret : {"alice", "m1staken", "first"})
    CAF_CHECK_EQUAL(text.find(secret), std::string::npos);
  wait_for_answers(10);
  end_load();
  CAF_CHECK_EQUAL(failures.load(), 0);
  CAF_CHECK_EQUAL(stats(pool).max_size, 6u);
  CAF_CHECK_EQUAL(user_of(pool), "alice");
}

CAF_TEST(a server that does not answer leaves the old settings in force within the timeout) {
  const auto pool = start();
  CAF_CHECK(command(pool, R"({"ping": 1})").value.has_value());
  server.pause();
  auto wanted = as("bob:first");
  wanted.connect_timeout = 1s;
  const auto report = db.reload(wanted);
  server.resume();
  CAF_REQUIRE(!report);
  CAF_CHECK(code_of(report.error()) == errc::connect_failed);
  CAF_CHECK(command(pool, R"({"ping": 1})").value.has_value());
  CAF_CHECK_EQUAL(user_of(pool), "alice");
}

CAF_TEST(other servers need a restart) {
  start();
  auto wanted = config;
  wanted.uri = "mongodb://alice:first@127.0.0.1:1/?directConnection=true";
  wanted.max_pool_size = 5;
  const auto report = db.reload(wanted);
  if (!report)
    CAF_FAIL(describe(report.error()));
  CAF_REQUIRE_EQUAL(report->needs_restart.size(), 1u);
  CAF_CHECK_EQUAL(report->needs_restart[0].key, "uri");
  CAF_CHECK_EQUAL(stats(db.pool()).max_size, 5u);
}

CAF_TEST(sizes go up and down under load with leases out) {
  const auto pool = start();
  begin_load(pool, 8);
  std::vector<lease> kept;
  for (int i = 0; i < 3; ++i) {
    auto got = lend(pool);
    CAF_REQUIRE(got.value);
    kept.push_back(std::move(*got.value));
  }
  for (const std::size_t most : {2, 8, 1, 6, 3, 4}) {
    auto wanted = config;
    wanted.max_pool_size = most;
    wanted.min_pool_size = std::min<std::size_t>(most, 2);
    const auto report = db.reload(wanted);
    if (!report)
      CAF_FAIL(describe(report.error()));
    CAF_CHECK(!report->rotates);
    CAF_CHECK(eventually([&] { return stats(pool).total <= std::max<std::size_t>(most, 3); }));
    for (auto& l : kept)
      CAF_CHECK(static_cast<bool>(l));
    if (most > 3)
      wait_for_answers(20);
  }
  kept.clear();
  end_load();
  CAF_CHECK_EQUAL(failures.load(), 0);
  CAF_CHECK(eventually([&] { return stats(pool).out == 0 && stats(pool).total <= 4; }));
  check_books(stats(pool));
}

CAF_TEST(what a loader reads comes into force unless it found a mistake) {
  const auto pool = start();
  auto report = db.reload([this] {
    resolved read;
    read.value = config;
    read.value.keepalive = 30s;
    return read;
  });
  CAF_REQUIRE(report);
  CAF_CHECK(report->changed == std::vector<changed_setting>{{"keepalive", "0", "30s"}});
  report = db.reload([this] {
    resolved read;
    read.value = config;
    read.findings.push_back({.setting = "max-pol-size",
                             .value = {},
                             .where = "the config file",
                             .problem = "is not a setting of moor",
                             .advice = "the nearest one is max-pool-size"});
    return read;
  });
  CAF_REQUIRE(!report);
  CAF_CHECK(code_of(report.error()) == errc::invalid_argument);
}

CAF_TEST(without a pool of that name there is nothing to change) {
  const auto report = db.reload(config);
  CAF_REQUIRE(!report);
  CAF_CHECK(code_of(report.error()) == errc::invalid_argument);
}

CAF_TEST(parts that die in the middle of a rotation end up with the new settings) {
  config.health.interval = 10ms;
  config.health.interval_unhealthy = 10ms;
  config.restart.most = 1'000'000; // however long ten rotations take
  const auto pool = start();
  begin_load(pool, 4);
  std::atomic<bool> kills{true};
  std::thread assassin{[&] {
    caf::scoped_actor me{system};
    while (kills) {
      me->request(db.supervisor(), forever, get_parts{})
        .receive(
          [&](const parts& all) {
            for (const auto& p : all)
              if (p.actor)
                caf::anon_send_exit(p.actor, caf::exit_reason::kill);
          },
          [](const caf::error&) {});
      me->receive(caf::after(3ms) >> [] {});
    }
  }};
  std::string user = "alice";
  std::size_t most = 6;
  for (int i = 0; i < 10; ++i) {
    const std::string wanted_user = i % 2 == 0 ? "bob" : "alice";
    auto wanted = as(wanted_user + ":first");
    wanted.max_pool_size = 4 + static_cast<std::size_t>(i);
    const auto report = db.reload(wanted);
    // A request that two of the pool's supervisors died over is refused, before anything was done.
    if (report) {
      user = wanted_user;
      most = wanted.max_pool_size;
    } else {
      CAF_CHECK(code_of(report.error()) == errc::restarted);
    }
    CAF_CHECK_EQUAL(stats(pool).max_size, most);
  }
  kills = false;
  assassin.join();
  end_load();
  auto s = stats(pool);
  CAF_CHECK(eventually([&] { return (s = stats(pool)).out == 0; }));
  CAF_CHECK_EQUAL(s.max_size, most);
  check_books(s);
  CAF_CHECK(eventually([&] { return user_of(pool) == user; }));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(tls_reload_tests, tls_rig)

CAF_TEST(other contents of a certificate file have connections made anew) {
  const auto pool = start();
  CAF_CHECK(command(pool, R"({"ping": 1})").value.has_value());
  auto report = db.reload(config);
  CAF_REQUIRE(report);
  CAF_CHECK(!report->rotates);
  const auto made = stats(pool).attempts;

  trust({&other, &authority});
  report = db.reload(config); // the same settings, the same path
  if (!report)
    CAF_FAIL(describe(report.error()));
  CAF_CHECK(report->rotates);
  CAF_CHECK(report->changed.empty());
  CAF_CHECK(command(pool, R"({"ping": 1})").value.has_value());
  CAF_CHECK(eventually([&] {
    command(pool, R"({"ping": 1})");
    return stats(pool).attempts > made;
  }));
}

CAF_TEST(contents with which the server is not trusted leave everything as it is) {
  const auto pool = start();
  auto lent = lend(pool);
  CAF_REQUIRE(lent.value);
  trust({&other});
  const auto report = db.reload(config);
  CAF_REQUIRE(!report);
  CAF_CHECK(code_of(report.error()) == errc::tls_failed);
  CAF_CHECK(command(*lent.value, R"({"ping": 1})").value.has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()
