// How many lines are permitted, and that none is lost count of.
#define CAF_SUITE line_limiter

#include "moor/machines/line_limiter.hpp"

#include <chrono>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

/// How many of `asked` lines at `now` are permitted.
int permitted(line_limiter& by, int asked, instant now) {
  int n = 0;
  for (int i = 0; i < asked; ++i)
    n += by.permit(now) ? 1 : 0;
  return n;
}

} // namespace

CAF_TEST(a burst is permitted and then one in every interval) {
  line_limiter lines{10, 1s};
  CAF_CHECK_EQUAL(permitted(lines, 100, start), 10);
  CAF_CHECK_EQUAL(permitted(lines, 100, start + 1s - 1ns), 0);
  CAF_CHECK_EQUAL(permitted(lines, 100, start + 1s), 1);
  CAF_CHECK_EQUAL(permitted(lines, 100, start + 3s), 2);
}

CAF_TEST(a quiet time permits no more than one burst) {
  line_limiter lines{10, 1s};
  permitted(lines, 100, start);
  CAF_CHECK_EQUAL(permitted(lines, 100, start + 24h), 10);
}

CAF_TEST(a line tells how many were suppressed since the one before) {
  line_limiter lines{2, 1s};
  CAF_CHECK_EQUAL(lines.permit(start).value_or(99), 0u);
  CAF_CHECK_EQUAL(lines.permit(start).value_or(99), 0u);
  CAF_CHECK_EQUAL(permitted(lines, 7, start), 0);
  CAF_CHECK_EQUAL(lines.permit(start + 1s).value_or(99), 7u);
  CAF_CHECK(!lines.permit(start + 1s));
  CAF_CHECK_EQUAL(lines.permit(start + 2s).value_or(99), 1u);
  CAF_CHECK_EQUAL(lines.permit(start + 9s).value_or(99), 0u);
  CAF_CHECK_EQUAL(lines.suppressed(), 8u);
}

CAF_TEST(threads that stamp their times and come out of order gain nothing) {
  line_limiter lines{3, 1s};
  CAF_CHECK_EQUAL(permitted(lines, 3, start), 3);
  CAF_CHECK_EQUAL(permitted(lines, 3, start - 1ms), 0);
  CAF_CHECK_EQUAL(permitted(lines, 3, start + 1s), 1);
}
