// Slow commands of a real server, as a backend sees them: in the log and in the figures.
#define CAF_SUITE slow_commands

#include "integration/rig.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include "moor/mongo/handles.hpp"
#include "support/plants.hpp"

using namespace moor;
using namespace moor::test;

namespace {

/// The lines that moor writes, on whatever thread.
class line_book {
public:
  void write(const std::string& line) {
    const std::lock_guard guard{mutex_};
    if (line.find("event=slow_command") != line.npos)
      lines_.push_back(line);
  }

  std::vector<std::string> all() const {
    const std::lock_guard guard{mutex_};
    return lines_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Every command takes longer than that.
constexpr duration shortest = 1ns;

const std::string find_secret = R"({"find": "fruit", "filter": {"name": ")" + planted("name")
                                + R"(", "age": {"$gt": )" + std::to_string(planted_number())
                                + "}}, \"limit\": 12}";

int find_by_client(mongoc_client_t& client) {
  const mongo::collection_owner fruit{mongoc_client_get_collection(&client, "moor_test", "fruit")};
  const mongo::bson_owner filter{BCON_NEW("name", BCON_UTF8(planted("name").c_str()))};
  const mongo::cursor_owner found{
    mongoc_collection_find_with_opts(fruit.get(), filter.get(), nullptr, nullptr)};
  const bson_t* ignored = nullptr;
  int n = 0;
  while (mongoc_cursor_next(found.get(), &ignored))
    ++n;
  return n;
}

class slow_rig : public server_rig {
public:
  slow_rig() { config.slow_query_threshold = forever; }

  /// Starts the pool with a log that is kept; the test fails if that does.
  pool_actor start() {
    auto started = logged.start(config);
    if (!started)
      CAF_FAIL(describe(started.error()));
    return *started;
  }

  /// From now on the server keeps every find back for as long.
  void block_finds(std::chrono::milliseconds span) {
    server.run("admin", R"({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": )"
                        R"({"failCommands": ["find"], "blockConnection": true, "blockTimeMS": )"
                          + std::to_string(span.count()) + "}}");
  }

  bool ask(const target& on, request_options options, std::string_view json) {
    bool answered = false;
    ask_command(self, on, std::move(options), "moor_test",
                std::get<document>(mongo::from_json(json)))
      .receive([&](const document&) { answered = true; }, [](const caf::error&) {});
    return answered;
  }

  operations_report operations(const pool_actor& pool, std::uint64_t most = 20) {
    operations_report got;
    ask_operations(self, pool, most)
      .receive([&](operations_report& r) { got = std::move(r); },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return got;
  }

  operation_figures figures_of(const pool_actor& pool, const std::string& operation) {
    for (auto& f : operations(pool).operations)
      if (f.operation == operation)
        return f;
    CAF_FAIL("there are no figures of " << operation);
  }

  /// The lines once there are so many.
  std::vector<std::string> lines(std::size_t count) {
    CAF_CHECK(eventually([&] { return book->all().size() >= count; }));
    return book->all();
  }

  std::shared_ptr<line_book> book = std::make_shared<line_book>();
  component logged{system,
                   {.log = {[book = book](log_level, const auto& line) { book->write(line); }},
                    .make_driver = {}}};
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

void check_line(const std::string& line, const std::string& operation, const std::string& shape) {
  CAF_MESSAGE(line);
  CAF_CHECK(has(line, "pool=\"default\" event=slow_command operation=\"" + operation + "\""));
  CAF_CHECK(has(line, " command=\"find\" database=\"moor_test\" collection=\"fruit\" "));
  CAF_CHECK(has(line, " shape=\"" + shape + "\" "));
  CAF_CHECK(!find_plant(line));
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(slow_commands_tests, slow_rig)

CAF_TEST(a command that takes longer than the threshold is logged with its shape) {
  config.slow_query_threshold = 100ms;
  const auto pool = start();
  block_finds(150ms);
  CAF_CHECK(ask(pool, {.operation = "by command"}, find_secret));
  const auto line = lines(1).at(0);
  check_line(line, "by command", "{filter: {name, age: {$gt}}, limit}");
  CAF_CHECK(has(line, " threshold_ms=100 failed=no connection=1 server=\"" + server.address()
                        + "\" suppressed=0"));
  const auto f = figures_of(pool, "by command");
  CAF_CHECK_EQUAL(f.count(), 1u);
  CAF_CHECK_EQUAL(f.slow, 1u);
  CAF_CHECK(f.longest() >= 150ms);
  CAF_CHECK(f.total() == f.longest());
}

CAF_TEST(what a function does is logged by the name of its request) {
  const auto pool = start();
  bool done = false;
  ask_run(self, pool, {.operation = "by run", .slow_after = shortest}, find_by_client)
    .receive([&](int) { done = true; }, [](const caf::error& e) { CAF_FAIL(describe(e)); });
  CAF_CHECK(done);
  check_line(lines(1).at(0), "by run", "{filter: {name}}");
}

CAF_TEST(what the holder of a lease does is logged by the name of the lease) {
  const auto pool = start();
  std::optional<lease> held;
  ask_lease(self, pool, {.operation = "by lease", .slow_after = shortest})
    .receive([&](lease& l) { held = std::move(l); },
             [](const caf::error& e) { CAF_FAIL(describe(e)); });
  find_by_client(*held->client());
  check_line(lines(1).at(0), "by lease", "{filter: {name}}");
  CAF_CHECK(ask(*held, {}, find_secret));
  check_line(lines(2).at(1), "by lease", "{filter: {name, age: {$gt}}, limit}");
  CAF_CHECK(ask(*held, {.operation = "step"}, find_secret));
  check_line(lines(3).at(2), "step", "{filter: {name, age: {$gt}}, limit}");
  find_by_client(*held->client());
  check_line(lines(4).at(3), "by lease", "{filter: {name}}");
  held.reset();
  CAF_CHECK_EQUAL(figures_of(pool, "by lease").count(), 3u);
}

CAF_TEST(a request may be more patient than the pool and nothing is slow without a threshold) {
  config.slow_query_threshold = 1ms;
  const auto pool = start();
  block_finds(10ms);
  CAF_CHECK(ask(pool, {.operation = "patient", .slow_after = forever}, find_secret));
  CAF_CHECK_EQUAL(figures_of(pool, "patient").slow, 0u);
  config.name = "other";
  config.slow_query_threshold = 0s;
  const auto other = start();
  CAF_CHECK(ask(other, {.operation = "plain"}, find_secret));
  CAF_CHECK_EQUAL(figures_of(other, "plain").slow, 0u);
  CAF_CHECK(ask(other, {.operation = "strict", .slow_after = shortest}, find_secret));
  CAF_CHECK(has(lines(1).at(0), "operation=\"strict\""));
  CAF_CHECK_EQUAL(book->all().size(), 1u);
}

CAF_TEST(what moor does for itself is the operation of nobody) {
  config.slow_query_threshold = 1ms;
  config.health.interval = 10ms;
  config.health.interval_unhealthy = 10ms;
  config.check_after_idle = 1ms;
  config.min_pool_size = 2;
  const auto pool = start();
  CAF_CHECK(eventually([&] { return stats(pool).available == 2; }));
  bool is_healthy = false;
  CAF_CHECK(eventually([&] {
    ask_is_healthy(self, pool)
      .receive([&](bool yes) { is_healthy = yes; }, [](const caf::error&) {});
    return is_healthy;
  }));
  CAF_CHECK(lend(pool).value); // was pinged before
  CAF_CHECK(operations(pool).operations.empty());
  CAF_CHECK(book->all().empty());
}

CAF_TEST(lines are limited and tell how many are missing) {
  constexpr std::size_t many = 60;
  const auto pool = start();
  for (std::size_t i = 0; i < many; ++i)
    CAF_CHECK(ask(pool, {.operation = "often", .slow_after = shortest}, find_secret));
  CAF_CHECK_EQUAL(figures_of(pool, "often").slow, many);
  const auto suppressed = operations(pool).slow_lines_suppressed;
  CAF_CHECK(suppressed > 0u);
  CAF_CHECK_EQUAL(lines(many - suppressed).size(), many - suppressed);
  const auto tells = [](const std::string& line) { return !has(line, " suppressed=0"); };
  CAF_CHECK(eventually([&] {
    CAF_CHECK(ask(pool, {.operation = "often", .slow_after = shortest}, find_secret));
    const auto all = book->all();
    return std::any_of(all.begin(), all.end(), tells);
  }));
}

CAF_TEST(the figures name the operations that took the most time) {
  const auto pool = start();
  block_finds(20ms);
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(ask(pool, {.operation = "find"}, find_secret));
  CAF_CHECK(ask(pool, {.operation = "ping"}, R"({"ping": 1})"));
  CAF_CHECK(!ask(pool, {.operation = "broken"}, R"({"noSuchCommand": 1})"));
  const auto found = figures_of(pool, "find");
  CAF_CHECK_EQUAL(found.count(), 3u);
  CAF_CHECK_EQUAL(found.failed.count, 0u);
  CAF_CHECK(found.total() >= 60ms);
  CAF_CHECK_EQUAL(figures_of(pool, "broken").failed.count, 1u);
  CAF_CHECK_EQUAL(operations(pool).operations.size(), 3u);
  CAF_CHECK_EQUAL(operations(pool, 1).operations.size(), 1u);
  const auto all = operations(pool).operations;
  CAF_CHECK(std::is_sorted(all.begin(), all.end(),
                           [](const auto& a, const auto& b) { return a.total() > b.total(); }));
}

CAF_TEST_FIXTURE_SCOPE_END()
