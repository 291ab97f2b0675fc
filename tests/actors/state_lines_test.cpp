// What the log says of a pool's health and of establishing connections.
#define CAF_SUITE state_lines

#include "moor/actors/state_lines.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

#include "moor/actors/event_lines.hpp"
#include "moor/actors/log_fields.hpp"

using namespace moor;
using namespace moor::actors;
using namespace std::chrono_literals;

namespace {

struct rig {
  std::vector<std::string> lines; // with their levels before them
  logger log{[this](log_level level, const std::string& line) {
    lines.push_back(std::string{to_string(level)} + ' ' + line);
  }};
  instant now{1h};
};

failure refused() {
  return {errc::connect_failed, spoils::generation, 0, "db:27017: Connection refused"};
}

failure wrong_password() {
  return {errc::authentication_failed, spoils::generation, 18, R"(The user "shop" was refused)"};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(state_lines_tests, rig)

CAF_TEST(a change for the worse is a warning with its causes) {
  health_log health{"default", log};
  health.changed({health_state::healthy, health_state::degraded, {"slow", "3 \"wait\""}, 0}, now);
  health.changed({health_state::degraded, health_state::unavailable, {"refused"}, 0}, now);
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(lines[0], "warning pool=\"default\" event=health_changed from=healthy to=degraded"
                            " cause=\"slow; 3 'wait'\" suppressed=0");
  CAF_CHECK_EQUAL(lines[1],
                  "warning pool=\"default\" event=health_changed from=degraded to=unavailable"
                  " cause=\"refused\" suppressed=0");
}

CAF_TEST(a change for the better is news and a beginning or an end in good order is none) {
  health_log health{"default", log};
  health.changed({health_state::unavailable, health_state::degraded, {"a moment ago"}, 0}, now);
  health.changed({health_state::degraded, health_state::healthy, {}, 0}, now);
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  for (const auto& line : lines)
    CAF_CHECK(line.starts_with("info "));
  CAF_CHECK_EQUAL(lines[1], "info pool=\"default\" event=health_changed from=degraded to=healthy"
                            " suppressed=0");
  health.changed({health_state::starting, health_state::healthy, {}, 0}, now);
  health.changed({health_state::unavailable, health_state::stopped, {}, 0}, now);
  CAF_CHECK_EQUAL(lines.size(), 2u);
  log.least = log_level::debug;
  health_log talkative{"default", log};
  talkative.changed({health_state::healthy, health_state::draining, {}, 0}, now);
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  CAF_CHECK(lines[2].starts_with("debug "));
}

CAF_TEST(a state that flaps has a bounded number of lines and none is forgotten) {
  health_log health{"default", log};
  for (int i = 0; i < 50; ++i)
    health.changed({health_state::degraded, health_state::healthy, {}, 0}, now);
  CAF_CHECK_EQUAL(lines.size(), 10u);
  now += 10s;
  health.changed({health_state::degraded, health_state::healthy, {}, 0}, now);
  CAF_REQUIRE_EQUAL(lines.size(), 11u);
  CAF_CHECK(lines.back().ends_with("suppressed=40"));
}

CAF_TEST(a row of failures to establish has one line and one when it is over) {
  establishing_log establishing{"default", log};
  establishing.worked(now);
  CAF_CHECK(lines.empty());
  for (int i = 0; i < 7; ++i) {
    establishing.failed(refused(), now);
    now += 1s;
  }
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK_EQUAL(lines[0], "warning pool=\"default\" event=establishing_failed"
                            " cause=\"connect_failed: db:27017: Connection refused\" suppressed=0");
  establishing.worked(now);
  establishing.worked(now);
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(lines[1], "info pool=\"default\" event=establishing_recovered failures=7"
                            " lasted_ms=7000");
}

CAF_TEST(another cause within a row is said) {
  establishing_log establishing{"default", log};
  establishing.failed(refused(), now);
  establishing.failed(wrong_password(), now);
  establishing.failed(wrong_password(), now);
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK(lines[1].find("The user 'shop' was refused") != std::string::npos);
}

CAF_TEST(failures that come and go have a bounded number of lines in pairs) {
  establishing_log establishing{"default", log};
  for (int i = 0; i < 50; ++i) {
    establishing.failed(refused(), now);
    establishing.worked(now);
  }
  CAF_CHECK_EQUAL(lines.size(), 20u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(the line about a clear says why) {
  CAF_CHECK_EQUAL(
    line_about("default", "db:27017",
               {.type = event_type::pool_cleared, .generation = 3, .cause = "db \"closed\" it"}),
    "pool=\"default\" event=ConnectionPoolCleared message=\"Connection pool for db:27017 cleared\""
    " cause=\"db 'closed' it\" generation=3");
}

CAF_TEST(quotes inside a value are single ones and nothing ends the line) {
  CAF_CHECK_EQUAL(actors::quoted("a \"b\"\n\\\xff"), R"("a 'b'___")");
}
