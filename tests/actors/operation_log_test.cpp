// What a pool knows of its operations: whose commands were how slow, and which of them get a line.
#define CAF_SUITE operation_log

#include "actors/rig.hpp"

#include "moor/actors/load_lines.hpp"
#include "moor/actors/operation_log.hpp"

using namespace moor;
using namespace moor::test;

namespace {

struct log_rig : pool_rig {
  log_rig() { config.slow_query_threshold = 100ms; }

  answer_ptr<document> ask_command(request_options options, lease_id on = 0) {
    return ask<document>(command{std::move(options), "db", small_document, on});
  }

  std::vector<operation_figures> figures(std::uint64_t most = 20) {
    return ask<operations_report>(get_operations{most})->values.at(0).operations;
  }

  /// The only operation there is.
  operation_figures figure() {
    auto all = figures();
    CAF_REQUIRE_EQUAL(all.size(), 1u);
    return all[0];
  }

  void commands_take(duration d) { driver->script->command_time = d; }
};

slow_command some_slow_command() {
  return {.operation = "report",
          .command = "find",
          .database = "shop",
          .collection = "orders",
          .shape = "{filter: {age: {$gt}}, limit}",
          .server = "db1:27017",
          .took = 153ms + 999us,
          .threshold = 100ms,
          .connection = 3,
          .suppressed = 4};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(operation_log_tests, log_rig)

CAF_TEST(commands are counted by the operation of their request) {
  start_ready();
  CAF_CHECK(figures().empty());
  commands_take(5ms);
  ask_command({.operation = "read"});
  ask_command({.operation = "read"});
  commands_take(7ms);
  ask_command({.operation = "write"});
  const auto all = figures();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].operation, "read");
  CAF_CHECK_EQUAL(all[0].count(), 2u);
  CAF_CHECK(all[0].total() == 10ms);
  CAF_CHECK_EQUAL(all[1].operation, "write");
  CAF_CHECK_EQUAL(figures(1).size(), 1u);
  CAF_CHECK(log.empty());
}

CAF_TEST(a command that failed counts as an error of its operation) {
  start_ready();
  driver->script->answer_with([](const document&) { return failure_of(errc::operation_failed); });
  ask_command({.operation = "read"});
  CAF_CHECK_EQUAL(figure().count(), 1u);
  CAF_CHECK_EQUAL(figure().failed.count, 1u);
}

CAF_TEST(a slow command has a line in the log) {
  start_ready();
  commands_take(100ms);
  ask_command({.operation = "read"});
  CAF_CHECK(log.empty());
  commands_take(101ms);
  ask_command({.operation = "read"});
  const std::vector<std::string> expected{
    "pool=\"default\" event=slow_command operation=\"read\" command=\"find\" database=\"db\""
    " collection=\"things\" shape=\"{filter: {age}}\" took_ms=101 threshold_ms=100 failed=no"
    " connection=1 server=\"fake:27017\" suppressed=0"};
  CAF_CHECK_EQUAL(log, expected);
  CAF_CHECK_EQUAL(figure().slow, 1u);
}

CAF_TEST(a request has its own threshold if it says so) {
  start_ready();
  commands_take(50ms);
  ask_command({.operation = "strict", .slow_after = 49ms});
  CAF_CHECK_EQUAL(log.size(), 1u);
  commands_take(1h);
  ask_command({.operation = "patient", .slow_after = 2h});
  CAF_CHECK_EQUAL(log.size(), 1u);
}

CAF_TEST(without a threshold only those that name one are slow) {
  config.slow_query_threshold = 0s;
  start_ready();
  commands_take(1h);
  ask_command({.operation = "read"});
  CAF_CHECK(log.empty());
  ask_command({.operation = "strict", .slow_after = 1s});
  CAF_CHECK_EQUAL(log.size(), 1u);
}

CAF_TEST(work on a lease is for its own operation or else for that of the lease) {
  start_ready();
  auto got = ask<lease>(acquire{.options = {.operation = "lease", .slow_after = 10ms}});
  const auto id = got->values.at(0).id();
  commands_take(20ms);
  ask_command({}, id);
  CAF_CHECK_EQUAL(figure().operation, "lease");
  CAF_CHECK_EQUAL(log.size(), 1u);
  ask_command({.operation = "step"}, id);
  CAF_CHECK_EQUAL(figures().size(), 2u);
  CAF_CHECK_EQUAL(log.size(), 2u);
  ask_command({.operation = "step", .slow_after = 1h}, id);
  CAF_CHECK_EQUAL(log.size(), 2u);
  ask_command({}, id);
  CAF_CHECK_EQUAL(log.size(), 3u);
}

CAF_TEST(a lease leaves nothing of its purpose behind) {
  config.max_pool_size = 1;
  start_ready();
  auto got = ask<lease>(acquire{.options = {.operation = "lease", .slow_after = 10ms}});
  got->values.clear();
  settle();
  commands_take(20ms);
  ask_command({});
  CAF_CHECK_EQUAL(figure().operation, "unnamed");
  CAF_CHECK(log.empty());
}

CAF_TEST(the figures outlive the actor and what is slow after its death is told) {
  start_ready();
  ask_command({.operation = "read"});
  kill_pool();
  start_pool();
  settle();
  commands_take(1s);
  ask_command({.operation = "read"});
  CAF_CHECK_EQUAL(figure().count(), 2u);
  CAF_CHECK_EQUAL(log.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(what is not permitted a line is counted and the next line tells it) {
  instant now{1h};
  std::vector<slow_command> told;
  actors::operation_log log{[&](slow_command&& what) { told.push_back(std::move(what)); },
                            [&] { return now; }};
  mongo::finished_command what{};
  what.operation = "read";
  what.took = 1s;
  what.slow = true;
  for (int i = 0; i < 25; ++i)
    log.finished(what);
  CAF_CHECK_EQUAL(told.size(), 10u);
  now += 1s;
  log.finished(what);
  CAF_REQUIRE_EQUAL(told.size(), 11u);
  CAF_CHECK_EQUAL(told.back().suppressed, 15u);
  const auto report = log.report(20);
  CAF_CHECK_EQUAL(report.slow_lines_suppressed, 15u);
  CAF_CHECK_EQUAL(report.operations.at(0).slow, 26u);
}

CAF_TEST(a line about a slow command says all there is) {
  CAF_CHECK_EQUAL(actors::line_about("default", some_slow_command()),
                  "pool=\"default\" event=slow_command operation=\"report\" command=\"find\""
                  " database=\"shop\" collection=\"orders\" shape=\"{filter: {age: {$gt}}, limit}\""
                  " took_ms=153 threshold_ms=100 failed=no connection=3 server=\"db1:27017\""
                  " suppressed=4");
}

CAF_TEST(no name can end its value or the line) {
  auto odd = some_slow_command();
  odd.operation = odd.command = odd.database = odd.collection = odd.server = "a\"\n\\\x1b\xff b";
  odd.failed = true;
  CAF_CHECK_EQUAL(actors::line_about("default", odd),
                  "pool=\"default\" event=slow_command operation=\"a'____ b\" command=\"a'____ b\""
                  " database=\"a'____ b\" collection=\"a'____ b\""
                  " shape=\"{filter: {age: {$gt}}, limit}\" took_ms=153 threshold_ms=100"
                  " failed=yes connection=3 server=\"a'____ b\" suppressed=4");
}
