#define CAF_SUITE turn_budget

#include "moor/machines/turn_budget.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

namespace {

struct fixture {
  /// A turn that ends now.
  void turn(duration length) {
    now += length;
    budget.had(now - length, now);
  }

  bool permits_after(duration rest) const { return budget.permits(now + rest); }

  turn_budget budget;
  instant now{1h};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(turn_budget_tests, fixture)

CAF_TEST(short turns are free) {
  for (int i = 0; i < 1'000'000; ++i)
    turn(200us);
  CAF_CHECK(permits_after(0ns));
}

CAF_TEST(what is slow is permitted up to 20 ms together) {
  for (int i = 0; i < 4; ++i)
    turn(5ms);
  CAF_CHECK(permits_after(0ns));
  turn(201us);
  CAF_CHECK(!permits_after(0ns));
}

CAF_TEST(after that there are no turns until slow ones were one percent of the time) {
  turn(30ms);
  CAF_CHECK(!permits_after(3s - 1ns));
  CAF_CHECK(permits_after(3s));
}

CAF_TEST(a pause pays for what was slow before) {
  turn(20ms);
  now += 2s;
  turn(20ms);
  CAF_CHECK(permits_after(0ns));
}

CAF_TEST(slow turns now and then are free) {
  for (int i = 0; i < 10'000; ++i) {
    now += 500ms;
    turn(4ms);
    CAF_REQUIRE(permits_after(0ns));
  }
}

CAF_TEST(whatever it took it is paid for within a minute) {
  turn(24h);
  turn(1s);
  CAF_CHECK(!permits_after(1min - 1ns));
  CAF_CHECK(permits_after(1min));
}

CAF_TEST_FIXTURE_SCOPE_END()
