// How often and how soon a part that dies is started again.
#define CAF_SUITE restart_policy

#include "moor/machines/restart_policy.hpp"

#include <chrono>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace std::chrono_literals;
using machines::restart_policy;

namespace {

constexpr instant start{1h};

restart_settings at_most(std::uint32_t restarts) {
  return {.most = restarts, .period = 10s, .first_delay = 5ms, .longest_delay = 50ms};
}

} // namespace

CAF_TEST(as many restarts as allowed and no more) {
  restart_policy policy{at_most(2)};
  CAF_CHECK(policy.on_death(start));
  CAF_CHECK(policy.on_death(start + 1s));
  CAF_CHECK(!policy.on_death(start + 2s));
}

CAF_TEST(the first comes at once and each further one later up to the longest delay) {
  restart_policy policy{at_most(7)};
  for (const auto expected : {0ms, 5ms, 10ms, 20ms, 40ms, 50ms, 50ms}) {
    const auto delay = policy.on_death(start);
    CAF_REQUIRE(delay);
    CAF_CHECK(*delay == expected);
  }
}

CAF_TEST(a part that dies rarely is started again at once every time) {
  restart_policy policy{at_most(2)};
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(policy.on_death(start + i * 10s) == duration::zero());
}

CAF_TEST(a restart counts for exactly its period) {
  restart_policy policy{at_most(1)};
  CAF_CHECK(policy.on_death(start));
  CAF_CHECK(!policy.on_death(start + 10s - 1ns));
  CAF_CHECK(policy.on_death(start + 10s));
}

CAF_TEST(the period slides) {
  restart_policy policy{at_most(2)};
  CAF_CHECK(policy.on_death(start));
  CAF_CHECK(policy.on_death(start + 9s));
  CAF_CHECK(policy.on_death(start + 10s));
  CAF_CHECK(!policy.on_death(start + 18s));
  CAF_CHECK(policy.on_death(start + 19s));
}

CAF_TEST(a refused restart does not count) {
  restart_policy policy{at_most(1)};
  CAF_CHECK(policy.on_death(start));
  CAF_CHECK(!policy.on_death(start + 9s));
  CAF_CHECK(policy.on_death(start + 10s));
}

CAF_TEST(none allowed is none) {
  restart_policy policy{at_most(0)};
  CAF_CHECK(!policy.on_death(start));
}
