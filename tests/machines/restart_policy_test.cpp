// How often a part that dies is started again.
#define CAF_SUITE restart_policy

#include "moor/machines/restart_policy.hpp"

#include <chrono>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

} // namespace

CAF_TEST(as many restarts as allowed and no more) {
  machines::restart_policy policy{2, 10s};
  CAF_CHECK(policy.allow(start));
  CAF_CHECK(policy.allow(start + 1s));
  CAF_CHECK(!policy.allow(start + 2s));
}

CAF_TEST(a restart counts for exactly its period) {
  machines::restart_policy policy{1, 10s};
  CAF_CHECK(policy.allow(start));
  CAF_CHECK(!policy.allow(start + 10s - 1ns));
  CAF_CHECK(policy.allow(start + 10s));
}

CAF_TEST(the period slides) {
  machines::restart_policy policy{2, 10s};
  CAF_CHECK(policy.allow(start));
  CAF_CHECK(policy.allow(start + 9s));
  CAF_CHECK(policy.allow(start + 10s));
  CAF_CHECK(!policy.allow(start + 18s));
  CAF_CHECK(policy.allow(start + 19s));
}

CAF_TEST(a refused restart does not count) {
  machines::restart_policy policy{1, 10s};
  CAF_CHECK(policy.allow(start));
  CAF_CHECK(!policy.allow(start + 9s));
  CAF_CHECK(policy.allow(start + 10s));
}

CAF_TEST(none allowed is none) {
  machines::restart_policy policy{0, 10s};
  CAF_CHECK(!policy.allow(start));
}
