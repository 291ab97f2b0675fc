// The calls that a circuit breaker judges.
#define CAF_SUITE call_window

#include "moor/machines/call_window.hpp"

#include <chrono>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace std::chrono_literals;
using machines::call_counts;
using machines::call_window;

namespace {

constexpr instant start{1h};

call_window by_count(std::uint32_t size) {
  return call_window{{.window_type = breaker_window::count, .window_size = size}};
}

call_window by_time(duration length) {
  return call_window{{.window_type = breaker_window::time, .window_length = length}};
}

bool holds(const call_window& window, instant now, const call_counts& expected) {
  return window.counts(now) == expected;
}

} // namespace

CAF_TEST(an empty window has no calls) {
  CAF_CHECK(holds(by_count(3), start, {}));
  CAF_CHECK(holds(by_time(10s), start, {}));
  CAF_CHECK(holds(by_time(10s), instant{}, {}));
}

CAF_TEST(the newest calls push out the oldest) {
  auto window = by_count(3);
  window.record(true, true, start);
  window.record(true, false, start);
  window.record(false, true, start);
  CAF_CHECK(holds(window, start, {3, 2, 2}));
  window.record(false, false, start);
  CAF_CHECK(holds(window, start, {3, 1, 1}));
  window.record(false, false, start);
  CAF_CHECK(holds(window, start, {3, 0, 1}));
  window.record(true, true, start);
  CAF_CHECK(holds(window, start, {3, 1, 1}));
}

CAF_TEST(a window of one call) {
  auto window = by_count(1);
  window.record(true, true, start);
  window.record(false, false, start);
  CAF_CHECK(holds(window, start, {1, 0, 0}));
}

CAF_TEST(a window by count knows no time) {
  auto window = by_count(3);
  window.record(true, false, start);
  CAF_CHECK(holds(window, start + 10000h, {1, 1, 0}));
}

CAF_TEST(a window by time forgets in tenths) {
  auto window = by_time(10s);
  window.record(true, false, start);
  window.record(false, true, start + 999ms);
  window.record(false, false, start + 1s);
  CAF_CHECK(holds(window, start + 10s - 1ns, {3, 1, 1}));
  CAF_CHECK(holds(window, start + 10s, {1, 0, 0}));
  CAF_CHECK(holds(window, start + 11s, {}));
}

CAF_TEST(a window by time holds any number of calls) {
  auto window = by_time(1s);
  for (int i = 0; i < 100'000; ++i)
    window.record(i % 2 == 0, false, start + i * 1us);
  CAF_CHECK(holds(window, start + 100ms, {100'000, 50'000, 0}));
}

CAF_TEST(a place is used again after the time went round) {
  auto window = by_time(10s);
  for (int i = 0; i < 35; ++i) {
    window.record(true, true, start + i * 1s);
    const auto expected = static_cast<std::uint64_t>(std::min(i + 1, 10));
    CAF_CHECK(holds(window, start + i * 1s, {expected, expected, expected}));
  }
}

CAF_TEST(the shortest window works) {
  auto window = by_time(1ns);
  window.record(true, false, start);
  CAF_CHECK(holds(window, start, {1, 1, 0}));
  CAF_CHECK(holds(window, start + 10ns, {}));
}

CAF_TEST(a cleared window is empty) {
  for (auto window : {by_count(2), by_time(10s)}) {
    for (int i = 0; i < 3; ++i)
      window.record(true, true, start);
    window.clear();
    CAF_CHECK(holds(window, start, {}));
    window.record(false, true, start);
    CAF_CHECK(holds(window, start, {1, 0, 1}));
  }
}
