// Exponential backoff: its upper bounds, its jitter, and what becomes of numbers too large.
#define CAF_SUITE backoff

#include "moor/machines/backoff.hpp"

#include <chrono>
#include <limits>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace std::chrono_literals;

namespace {

constexpr double almost_one = 0.999999;

retry_settings policy(double jitter) {
  return {.first_delay = 1s, .multiplier = 2, .longest_delay = 30s, .jitter = jitter};
}

auto delay(const retry_settings& p, std::uint32_t failures, double draw) {
  return machines::backoff_delay(p, failures, draw).count();
}

auto ns(duration d) {
  return d.count();
}

} // namespace

CAF_TEST(without jitter the delay doubles up to the longest) {
  const auto p = policy(0);
  CAF_CHECK_EQUAL(delay(p, 1, 0.7), ns(1s));
  CAF_CHECK_EQUAL(delay(p, 2, 0.7), ns(2s));
  CAF_CHECK_EQUAL(delay(p, 5, 0.7), ns(16s));
  CAF_CHECK_EQUAL(delay(p, 6, 0.7), ns(30s));
  CAF_CHECK_EQUAL(delay(p, 7, 0.7), ns(30s));
}

CAF_TEST(full jitter spreads the delay from nothing to its bound) {
  const auto p = policy(1);
  CAF_CHECK_EQUAL(delay(p, 3, 0), 0);
  CAF_CHECK_EQUAL(delay(p, 3, 0.5), ns(2s));
  CAF_CHECK_LESS(delay(p, 3, almost_one), ns(4s));
  CAF_CHECK_GREATER(delay(p, 3, almost_one), ns(3999ms));
  CAF_CHECK_EQUAL(delay(p, 100, 0.5), ns(15s));
}

CAF_TEST(partial jitter spreads only its share) {
  const auto p = policy(0.25);
  CAF_CHECK_EQUAL(delay(p, 3, 0), ns(3s));
  CAF_CHECK_EQUAL(delay(p, 3, 0.5), ns(3500ms));
  CAF_CHECK_LESS(delay(p, 3, almost_one), ns(4s));
}

CAF_TEST(no failure yet counts as the first) {
  CAF_CHECK_EQUAL(delay(policy(0), 0, 0), delay(policy(0), 1, 0));
}

CAF_TEST(a power that overflows is the longest delay) {
  auto p = policy(0);
  CAF_CHECK_EQUAL(delay(p, std::numeric_limits<std::uint32_t>::max(), 0), ns(30s));
  p.multiplier = 1000;
  p.longest_delay = 24h;
  CAF_CHECK_EQUAL(delay(p, 10'000, 0), ns(24h));
}

CAF_TEST(a multiplier of one keeps the first delay) {
  auto p = policy(0);
  p.multiplier = 1;
  CAF_CHECK_EQUAL(delay(p, 1'000'000, 0), ns(1s));
}
