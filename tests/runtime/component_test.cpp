// The facade and its supervisors, on real threads over the fake driver.
#define CAF_SUITE component

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include <caf/test/dsl.hpp>

#include <caf/actor_registry.hpp>
#include <caf/scoped_actor.hpp>

#include "moor/mongo/bson.hpp"
#include "moor/moor.hpp"
#include "moor/runtime/supervisor.hpp"
#include "support/fake_driver.hpp"
#include "support/scratch_directory.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

/// Longer than any stall of the machine; no test waits that long when all is well.
constexpr auto patience = 60s;

struct component_rig {
  component_rig() {
    config.uri = "mongodb://fake";
    config.min_pool_size = 0;
    config.retry.attempts = 2;
    config.retry.first_delay = 1ms;
    config.retry.longest_delay = 1ms;
    config.statistics_interval = 0s;
  }

  component_options options() {
    return {{[this](log_level, const std::string& line) {
              {
                const std::lock_guard guard{mutex};
                lines.push_back(line);
              }
              has_line.notify_all();
            }},
            [this](const settings&) -> std::variant<std::shared_ptr<mongo::driver>, failure> {
              return std::shared_ptr<mongo::driver>{driver};
            }};
  }

  bool logged(const std::string& part) {
    const std::lock_guard guard{mutex};
    return has(part);
  }

  /// Whether such a line is logged before the test has to give up.
  bool comes_to_log(const std::string& part) {
    std::unique_lock lock{mutex};
    return has_line.wait_for(lock, patience, [&] { return has(part); });
  }

  /// Under the mutex.
  bool has(const std::string& part) const {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }

  /// Asks until the pool answers with a lease; restarts in between show as errors.
  lease insist_on_lease(const pool_actor& pool) {
    lease got;
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (!got && std::chrono::steady_clock::now() < give_up)
      ask_lease(self, pool, {.operation = "insist", .timeout = 1s})
        .receive([&](lease& l) { got = std::move(l); }, [](const caf::error&) {});
    return got;
  }

  pool_stats stats_of(const pool_actor& pool) {
    pool_stats got;
    self->request(pool, patience, get_stats{})
      .receive([&](pool_stats& s) { got = std::move(s); },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return got;
  }

  settings config;
  std::shared_ptr<fake_driver> driver = std::make_shared<fake_driver>();
  std::mutex mutex;
  std::condition_variable has_line;
  std::vector<std::string> lines;
  caf::actor_system_config caf_config;
  caf::actor_system system{caf_config};
  caf::scoped_actor self{system};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(component_tests, component_rig)

CAF_TEST(a pool starts and lends and run gives back what the function returned) {
  component db{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(pool);
  CAF_CHECK(insist_on_lease(*pool));
  std::string text;
  ask_run(self, *pool, {.operation = "greet"},
          [](_mongoc_client_t&) { return std::string{"ahoy"}; })
    .receive([&](std::string s) { text = std::move(s); },
             [](const caf::error& err) { CAF_FAIL(describe(err)); });
  CAF_CHECK_EQUAL(text, "ahoy");
  bool done = false;
  ask_run(self, *pool, {}, [](_mongoc_client_t&) {
  }).receive([&] { done = true; }, [](const caf::error&) {});
  CAF_CHECK(done);
}

CAF_TEST(warnings are logged and the pool starts) {
  component db{system, options()};
  config.uri = "mongodb://fake/?maxPolSize=3&maxConnecting=-1";
  CAF_CHECK(db.start(config));
  CAF_CHECK(logged("event=setting_warning cause="));
  CAF_CHECK(!logged("warning: ")); // the line's level says so
  CAF_CHECK(!logged(".\""));       // nor a full stop
  CAF_CHECK(logged("the nearest one is maxPoolSize"));
  CAF_CHECK(logged("maxConnecting (option of the connection string"));
}

CAF_TEST(a good connection string starts without warnings) {
  component db{system, options()};
  CAF_CHECK(db.start(config));
  CAF_CHECK(!logged("event=setting_warning"));
}

CAF_TEST(production refuses what the policy does not permit) {
  component db{system, options()};
  config.profile = profile::production;
  const auto refused = db.start(config);
  CAF_REQUIRE(!refused);
  CAF_CHECK(code_of(refused.error()) == errc::invalid_argument);
  for (const auto* part : {"without TLS", "no-tls", "nobody to log in as", "no-credentials"})
    CAF_CHECK_NOT_EQUAL(describe(refused.error()).find(part), std::string::npos);
  CAF_CHECK_EQUAL(driver->script->made.load(), 0);
  config.allow = {allowance::no_tls, allowance::no_credentials};
  CAF_CHECK(db.start(config));
}

CAF_TEST(production opens no endpoint with a password that everybody may read) {
  using std::filesystem::perms;
  const scratch_directory directory;
  const auto file = directory.path() / "password";
  std::ofstream{file} << "for everybody\n";
  std::filesystem::permissions(file, perms::owner_read | perms::others_read);
  config.profile = profile::production;
  config.allow = {allowance::no_tls, allowance::no_credentials, allowance::pool_above_server_limit};
  config.endpoint.listen = "127.0.0.1:0";
  config.endpoint.user = "operator";
  config.endpoint.password_file = file.string();
  component db{system, options()};
  CAF_CHECK(db.start(config));
  CAF_CHECK_EQUAL(db.url(), "");
  CAF_CHECK(
    logged("event=endpoint_not_opened cause=\"no HTTP endpoint at 127.0.0.1:0: the password "
           "file "
           + file.string()
           + " can be read by everybody on this machine; allowed in the production profile "
             "is a file without that permission (chmod o-r), or world-readable-secrets"));
  config.allow.add(allowance::world_readable_secrets);
  config.name = "excepted";
  CAF_CHECK(db.start(config));
  CAF_CHECK_NOT_EQUAL(db.url(), "");
}

CAF_TEST(production refuses a pool that is larger than its server) {
  std::atomic<int> left{8}; // read by the threads of connections
  driver->script->answer_with([&](const document&) {
    return mongo::from_json(R"({"ok": 1, "connections": {"current": 1, "available": )"
                            + std::to_string(left) + "}}");
  });
  config.profile = profile::production;
  config.allow = {allowance::no_tls, allowance::no_credentials};
  config.max_pool_size = 10;
  component db{system, options()};
  const auto refused = db.start(config);
  CAF_REQUIRE(!refused);
  CAF_CHECK(code_of(refused.error()) == errc::invalid_argument);
  CAF_CHECK_NOT_EQUAL(describe(refused.error())
                        .find("max-pool-size is 10, but the server takes 9 connections in all"),
                      std::string::npos);
  CAF_CHECK(!db.pool(config.name));
  config.allow.add(allowance::pool_above_server_limit);
  CAF_CHECK(db.start(config));
  config.allow = {allowance::no_tls, allowance::no_credentials};
  config.name = "exact";
  config.max_pool_size = 9;
  CAF_CHECK(db.start(config));
  config.name = "silent"; // the server says that none is left, while it answers
  config.max_pool_size = 10;
  left = 0;
  CAF_CHECK(db.start(config));
  db.stop();
  driver->script->answer_with({});
}

CAF_TEST(production refuses to let a pool grow beyond its server) {
  driver->script->answer_with([](const document&) {
    return mongo::from_json(R"({"ok": 1, "connections": {"current": 1, "available": 8}})");
  });
  config.profile = profile::production;
  config.allow = {allowance::no_tls, allowance::no_credentials};
  config.max_pool_size = 5;
  component db{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(pool);
  auto wanted = config;
  wanted.max_pool_size = 10;
  const auto refused = db.reload(wanted);
  CAF_REQUIRE(!refused);
  CAF_CHECK(code_of(refused.error()) == errc::invalid_argument);
  CAF_CHECK(logged("event=reload_refused cause=\"max-pool-size is 10, but the server takes 9 "
                   "connections in all"));
  CAF_CHECK_EQUAL(stats_of(*pool).max_size, 5u);
  wanted.max_pool_size = 9;
  CAF_CHECK(db.reload(wanted));
  wanted.allow.add(allowance::pool_above_server_limit);
  wanted.max_pool_size = 10;
  CAF_CHECK(db.reload(wanted));
  wanted.allow = config.allow;
  wanted.keepalive = 30s; // it is that large already
  CAF_CHECK(db.reload(wanted));
  db.stop();
  driver->script->answer_with({});
}

CAF_TEST(a limit of the server that cannot be asked is told and refuses nothing) {
  driver->script->answer_with([](const document&) {
    return failure{errc::operation_failed, spoils::nothing, 13, "not authorized on admin"};
  });
  config.profile = profile::production;
  config.allow = {allowance::no_tls, allowance::no_credentials};
  config.max_pool_size = 5;
  component db{system, options()};
  CAF_REQUIRE(db.start(config));
  const std::string said = "the server's limit could not be asked: ";
  CAF_CHECK(comes_to_log("pool=\"default\" event=server_limit_unknown cause=\"" + said));
  auto wanted = config;
  wanted.max_pool_size = 6;
  const auto report = db.reload(wanted);
  CAF_REQUIRE(report);
  CAF_REQUIRE_EQUAL(report->warnings.size(), 1u);
  CAF_CHECK(report->warnings.front().starts_with(said));
  CAF_CHECK_NOT_EQUAL(report->warnings.front().find("not authorized"), std::string::npos);
  wanted.keepalive = 30s; // it does not grow
  const auto second = db.reload(wanted);
  CAF_CHECK(second && second->warnings.empty());
  db.stop();
  driver->script->answer_with({});
}

CAF_TEST(the limit of the server is asked ahead of whoever waits in a saturated pool) {
  driver->script->answer_with([](const document&) {
    return mongo::from_json(R"({"ok": 1, "connections": {"current": 1, "available": 8}})");
  });
  config.profile = profile::production;
  config.allow = {allowance::no_tls, allowance::no_credentials};
  config.max_pool_size = 1;
  config.connect_timeout = patience;
  component db{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(pool);
  auto held = insist_on_lease(*pool);
  CAF_REQUIRE(held);
  // Who waits keeps for ever what it gets.
  const auto waits = system.spawn([pool = *pool](caf::event_based_actor* me) -> caf::behavior {
    const auto kept = std::make_shared<lease>();
    ask_lease(me, pool, {.timeout = patience})
      .then([kept](lease& l) { *kept = std::move(l); }, [](const caf::error&) {});
    return {[kept](int) {}};
  });
  const auto waiting = [&](std::size_t many) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (stats_of(*pool).waiting < many)
      if (std::chrono::steady_clock::now() > give_up)
        return false;
    return true;
  };
  CAF_REQUIRE(waiting(1));
  auto wanted = config;
  wanted.max_pool_size = 10;
  auto reloads = std::async(std::launch::async, [&] { return db.reload(wanted); });
  CAF_CHECK(waiting(2));
  held = {};
  const auto refused = reloads.get();
  CAF_REQUIRE(!refused);
  CAF_CHECK(code_of(refused.error()) == errc::invalid_argument);
  caf::anon_send_exit(waits, caf::exit_reason::user_shutdown);
  db.stop();
  driver->script->answer_with({});
}

CAF_TEST(a reload with another name is refused and seen) {
  component db{system, options()};
  CAF_REQUIRE(db.start(config));
  const auto invalid = [&] {
    parts_view view;
    self->request(db.supervisor(), patience, get_parts_view{})
      .receive([&](parts_view& v) { view = std::move(v); }, [](const caf::error&) {});
    return view.reloads.invalid;
  };
  auto other = config;
  other.name = "orders";
  const auto refused = db.reload(other);
  CAF_REQUIRE(!refused);
  CAF_CHECK(code_of(refused.error()) == errc::invalid_argument);
  CAF_CHECK(logged("pool=\"default\" event=reload_refused cause=\"There is no pool of the name "));
  CAF_CHECK_EQUAL(invalid(), 1u);
  auto second = config;
  second.name = "reports";
  CAF_REQUIRE(db.start(second)); // from now on it cannot be told which one is meant
  CAF_CHECK(!db.reload(other));
  CAF_CHECK(logged("pool=\"orders\" event=reload_refused cause=\"There is no pool of the name "));
  CAF_CHECK_EQUAL(invalid(), 1u);
}

CAF_TEST(settings that do not hold are all named and nothing is started) {
  component db{system, options()};
  config.uri.clear();
  config.min_pool_size = 20;
  config.name = "much too long a name";
  const auto pool = db.start(config);
  CAF_REQUIRE(!pool);
  const auto text = describe(pool.error());
  for (const auto* part : {"uri", "min-pool-size", "name"})
    CAF_CHECK_NOT_EQUAL(text.find(part), std::string::npos);
  CAF_CHECK_EQUAL(driver->script->made.load(), 0);
}

CAF_TEST(a start that fails gives the last cause and leaves nothing) {
  driver->script->next_establish(network_failure());
  driver->script->next_establish(network_failure());
  component db{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(!pool);
  CAF_CHECK_EQUAL(describe(pool.error()), "connect_failed: Connection refused (after 2 attempts)");
  CAF_CHECK(!db.pool());
  CAF_CHECK(db.start(config));
}

CAF_TEST(named pools are found by name and in the registry) {
  component db{system, options()};
  const auto first = db.start(config);
  config.name = "reports";
  const auto second = db.start(config);
  CAF_REQUIRE(first && second);
  CAF_CHECK(db.pool() == *first);
  CAF_CHECK(db.pool("reports") == *second);
  CAF_CHECK(!db.pool("nobody"));
  CAF_CHECK(caf::actor_cast<caf::actor>(system.registry().get(caf::atom("reports"))) == *second);
  const auto again = db.start(config);
  CAF_REQUIRE(!again);
  CAF_CHECK(code_of(again.error()) == errc::invalid_argument);
  db.stop();
  CAF_CHECK(system.registry().get(caf::atom("reports")) == nullptr);
}

CAF_TEST(a child that dies is restarted and the address stays) {
  component db{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(pool);
  auto held = insist_on_lease(*pool);
  CAF_REQUIRE(held);
  // A subscription shows the pool supervisor's own address as the sender of its events.
  caf::strong_actor_ptr supervisor;
  caf::actor spy = self;
  self->send(*pool, subscribe{spy});
  held.give_back();
  self->receive([&](const pool_events&) { supervisor = self->current_sender(); },
                caf::after(patience) >> [] { CAF_FAIL("no event came"); });
  caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  self->monitor(caf::actor_cast<caf::actor>(supervisor));
  self->receive([](const caf::down_msg&) {});
  CAF_CHECK(insist_on_lease(*pool));
  CAF_CHECK(comes_to_log("event=restarted actor=\"pool supervisor\""));
}

CAF_TEST(drain sums up all pools and stop is harmless afterwards) {
  component db{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(pool);
  auto held = insist_on_lease(*pool);
  const auto sum = db.drain(1ms);
  CAF_CHECK_EQUAL(sum.cut_off, 1u);
  CAF_CHECK(!held);
  db.stop();
  db.stop();
  held.give_back();
  config.name = "late";
  CAF_CHECK(code_of(db.start(config).error()) == errc::stopped);
}

CAF_TEST(a stop ends a start that goes on trying) {
  config.retry.attempts = 1'000;
  config.retry.first_delay = config.retry.longest_delay = 1h; // the test would never see the second
  driver->script->next_establish(
    failure{errc::connect_failed, spoils::generation, 0, "Connection refused"});
  component db{system, options()};
  auto starting = std::async(std::launch::async, [&] { return code_of(db.start(config).error()); });
  CAF_REQUIRE(
    comes_to_log("event=establishing_failed cause=\"connect_failed: Connection refused\""));
  db.stop();
  CAF_REQUIRE(starting.wait_for(patience) == std::future_status::ready);
  CAF_CHECK(starting.get() == errc::stopped);
  // Nor does one begin that comes later.
  config.name = "late";
  CAF_CHECK(code_of(db.start(config).error()) == errc::stopped);
}

CAF_TEST(a pool that was closed gives its name to the next one) {
  component db{system, options()};
  const auto first = db.start(config);
  CAF_REQUIRE(first);
  db.drain(1ms);
  const auto second = db.start(config);
  CAF_REQUIRE(second);
  CAF_CHECK(*second != *first);
  CAF_CHECK(db.pool() == *second);
  CAF_CHECK(insist_on_lease(*second));
  CAF_CHECK(caf::actor_cast<caf::actor>(system.registry().get(caf::atom("default"))) == *second);
  self->send(*second, close_pool{});
  CAF_CHECK_EQUAL(stats_of(*second).phase, pool_phase::closed);
  CAF_CHECK(db.start(config));
}

CAF_TEST(a deadline of drain beyond the bounds counts as the bound) {
  component db{system, options()};
  for (const duration deadline : {duration{-1s}, duration::min()}) {
    const auto pool = db.start(config);
    CAF_REQUIRE(pool);
    const auto held = insist_on_lease(*pool);
    CAF_CHECK_EQUAL(db.drain(deadline).cut_off, 1u);
  }
  for (const duration deadline : {duration{25h}, duration::max()}) {
    const auto pool = db.start(config);
    CAF_REQUIRE(pool);
    auto held = insist_on_lease(*pool);
    std::thread borrower{[&] {
      while (stats_of(*pool).phase != pool_phase::draining)
        std::this_thread::yield();
      held.give_back();
    }};
    CAF_CHECK_EQUAL(db.drain(deadline).returned, 1u);
    borrower.join();
  }
}

CAF_TEST(a name that somebody else has in the registry is refused and stays his) {
  component db{system, options()};
  component other{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(pool);
  const auto entry = [this](const std::string& name) {
    return system.registry().get(caf::atom_from_string(name));
  };
  for (const std::string name : {"default", "SpawnServ"}) {
    const auto before = entry(name);
    CAF_REQUIRE(before);
    config.name = name;
    const auto got = other.start(config);
    CAF_REQUIRE(!got);
    CAF_CHECK(code_of(got.error()) == errc::invalid_argument);
    CAF_CHECK_EQUAL(describe(got.error()),
                    "invalid_argument: The name " + name + " is taken in the actor registry");
    CAF_CHECK(entry(name) == before);
  }
  other.stop();
  CAF_CHECK(caf::actor_cast<caf::actor>(entry("default")) == *pool);
}

CAF_TEST(a stop leaves what others put under its name) {
  component db{system, options()};
  CAF_REQUIRE(db.start(config));
  system.registry().erase(caf::atom("default"));
  system.registry().put(caf::atom("default"), self);
  db.stop();
  CAF_CHECK(system.registry().get(caf::atom("default")) != nullptr);
  system.registry().erase(caf::atom("default"));
}

CAF_TEST(a timeout beyond the bounds is refused by the pool) {
  component db{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(pool);
  for (const duration timeout : {duration{25h}, duration::max(), duration{-1s}})
    ask_lease(self, *pool, {.operation = "wait for ever", .timeout = timeout})
      .receive([](const lease&) { CAF_FAIL("granted"); },
               [](const caf::error& err) { CAF_CHECK(code_of(err) == errc::invalid_argument); });
}

CAF_TEST(a lease that outlives its component and its actor system is harmless) {
  lease kept;
  {
    caf::actor_system_config other_config;
    caf::actor_system other{other_config};
    component db{other, options()};
    const auto pool = db.start(config);
    CAF_REQUIRE(pool);
    caf::scoped_actor asker{other};
    ask_lease(asker, *pool, {.operation = "keep"})
      .receive([&](lease& l) { kept = std::move(l); },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    CAF_CHECK(kept);
  }
  CAF_CHECK(kept.pool() == nullptr);
  kept = {};
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
}

CAF_TEST(the statistics line names every figure) {
  pool_stats s;
  s.phase = pool_phase::ready;
  s.granted = 7;
  s.last_error = "connect_failed: refused";
  CAF_CHECK_EQUAL(
    statistics_line("default", s),
    "pool=\"default\" event=statistics state=ready health=starting generation=0 total=0 in_use=0 available=0 "
    "pending=0 closing=0 waiting=0 min=0 max=0 granted=7 returned=0 revoked=0 timed_out=0 refused=0 "
    "shed=0 retried=0 retries_withheld=0 attempts=0 reconnections=0 errors=0 restarts=0 last_error=\"connect_failed: refused\"");
}

CAF_TEST(an endpoint that cannot be opened is told and the pool serves without) {
  config.endpoint.listen = "127.0.0.1:0";
  config.endpoint.certificate_file = "/nowhere/site.pem";
  component db{system, options()};
  const auto pool = db.start(config);
  CAF_REQUIRE(pool);
  CAF_CHECK(insist_on_lease(*pool));
  CAF_CHECK(db.url().empty());
  CAF_CHECK(logged("event=endpoint_not_opened cause=\"no HTTP endpoint at 127.0.0.1:0: "));
  CAF_CHECK(logged("the certificate file /nowhere/site.pem"));
}

CAF_TEST_FIXTURE_SCOPE_END()
