// A supervised pool over a replica set that loses its primary and gets another: who reads is served
// all the while, who writes is told, and nothing of before is lent after.
#define CAF_SUITE read_only_over_sockets

#include <caf/test/dsl.hpp>

#include <caf/scoped_actor.hpp>

#include <optional>
#include <string>

#include <mongoc/mongoc.h>

#include "moor/mongo/handles.hpp"
#include "moor/moor.hpp"
#include "support/patience.hpp"
#include "support/scripted_replica_set.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

const std::string insert = R"({"insert": "things", "documents": [{"a": 1}]})";
const std::string find = R"({"find": "things"})";

struct read_only_rig {
  read_only_rig() {
    config.uri = set.uri();
    config.min_pool_size = 1;
    config.max_pool_size = 3;
    config.connect_timeout = forever;
    config.retry.first_delay = 10ms;
    config.retry.longest_delay = 50ms;
    config.statistics_interval = 0s;
    config.health.interval = 50ms;
    config.health.interval_unhealthy = 20ms;
  }

  void start() {
    auto started = db.start(config);
    if (!started)
      CAF_FAIL(describe(started.error()));
    pool = *started;
  }

  /// Why the request was refused; nothing if it was not.
  std::optional<errc> command(const std::string& json, bool read_only) {
    std::optional<errc> why;
    ask_command(self, pool, {.operation = "test", .timeout = forever, .read_only = read_only}, "db",
                std::get<document>(mongo::from_json(json)))
      .receive([](const document&) {}, [&](const caf::error& err) { why = code_of(err); });
    return why;
  }
  bool writes() { return !command(insert, false); }
  bool reads() { return !command(find, true); }

  std::optional<lease> lend(bool read_only) {
    std::optional<lease> got;
    ask_lease(self, pool, {.operation = "test", .timeout = forever, .read_only = read_only})
      .receive([&](lease& l) { got = std::move(l); }, [](const caf::error&) {});
    return got;
  }

  /// Reads as a program does, by libmongoc, with the client's own read preference.
  bool finds_by_itself() {
    bool found = false;
    const auto look = [](mongoc_client_t& client) {
      const mongo::collection_owner things{mongoc_client_get_collection(&client, "db", "things")};
      const bson_t everything = BSON_INITIALIZER;
      const mongo::cursor_owner all{
        mongoc_collection_find_with_opts(things.get(), &everything, nullptr, nullptr)};
      const bson_t* ignored = nullptr;
      mongoc_cursor_next(all.get(), &ignored);
      return !mongoc_cursor_error(all.get(), nullptr);
    };
    ask_run(self, pool, {.operation = "test", .timeout = forever, .read_only = true}, look)
      .receive([&](bool ok) { found = ok; }, [](const caf::error&) {});
    return found;
  }

  health_report health() {
    health_report got;
    self->request(pool, forever, get_health{})
      .receive([&](health_report& r) { got = std::move(r); },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return got;
  }

  std::uint64_t generation() {
    std::uint64_t got = 0;
    self->request(pool, forever, get_stats{})
      .receive([&](const pool_stats& s) { got = s.generation; },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return got;
  }

  template <class Condition>
  bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + forever;
    while (std::chrono::steady_clock::now() < give_up) {
      if (condition())
        return true;
      self->receive(caf::after(5ms) >> [] {});
    }
    return false;
  }

  bool becomes_read_only() {
    return eventually([this] { return command(insert, false) == errc::read_only; });
  }

  scripted_replica_set set;
  settings config;
  caf::actor_system_config caf_config;
  caf::actor_system system{caf_config};
  component db{system};
  caf::scoped_actor self{system};
  pool_actor pool;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(read_only_over_sockets_tests, read_only_rig)

CAF_TEST(reading goes on without a primary and writing with the next one) {
  start();
  CAF_CHECK(writes());
  CAF_CHECK(reads());
  auto held = lend(false);
  CAF_REQUIRE(held.has_value());

  set.step_down();
  CAF_REQUIRE(becomes_read_only());
  const auto written = set.commands(0, "insert");
  CAF_CHECK(eventually([this] { return reads(); }));
  CAF_CHECK(eventually([this] { return finds_by_itself(); }));
  CAF_CHECK(command(insert, false) == errc::read_only);
  CAF_CHECK(eventually([this] {
    const auto now = health();
    return now.state == health_state::degraded && now.read_only;
  }));
  const auto in_between = generation();
  CAF_CHECK(in_between >= 1u);
  CAF_CHECK(reads());
  CAF_CHECK_EQUAL(generation(), in_between); // no check and no read clears it again
  auto reader = lend(true);
  CAF_REQUIRE(reader.has_value());
  const auto newest_before = reader->connection();
  CAF_CHECK(newest_before > held->connection());

  set.elect(1);
  CAF_REQUIRE(eventually([this] { return writes(); }));
  CAF_CHECK(set.commands(1, "insert") >= 1u);
  CAF_CHECK_EQUAL(set.commands(0, "insert"), written);
  held.reset();
  reader.reset();
  // More often than there are connections: none of before is among them.
  for (int i = 0; i < 10; ++i) {
    const auto l = lend(i % 2 == 0);
    CAF_REQUIRE(l.has_value());
    CAF_CHECK(l->connection() > newest_before);
  }
  CAF_CHECK(eventually([this] { return health().state == health_state::healthy; }));
  CAF_CHECK(!health().read_only);
}

CAF_TEST(a primary that is gone for good leaves the others to be read from) {
  start();
  CAF_CHECK(writes());
  set.stop(0);
  CAF_REQUIRE(becomes_read_only());
  CAF_CHECK(eventually([this] { return reads(); }));
  set.elect(2);
  CAF_REQUIRE(eventually([this] { return writes(); }));
  CAF_CHECK(set.commands(2, "insert") >= 1u);
}

CAF_TEST(a pool that begins without a primary reads and finds the primary when there is one) {
  set.step_down();
  start();
  CAF_CHECK(reads());
  CAF_CHECK(command(insert, false) == errc::read_only);
  set.elect(0); // the very member that is read from, perhaps
  CAF_REQUIRE(eventually([this] { return writes(); }));
}

CAF_TEST(the primary is found again without a health monitor as well) {
  config.health.interval = 0s;
  set.step_down();
  start();
  CAF_CHECK(reads());
  set.elect(2);
  CAF_REQUIRE(eventually([this] { return writes(); }));
}

CAF_TEST(a write at a secondary that was asked for by name does not clear the pool) {
  config.uri = set.uri_of(1);
  start();
  CAF_CHECK(reads());
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(command(insert, false) == errc::read_only);
  CAF_CHECK(reads());
  CAF_CHECK_EQUAL(generation(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
