// A set of deadlines by number.
#define CAF_SUITE deadlines

#include "moor/machines/deadlines.hpp"

#include <chrono>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

} // namespace

CAF_TEST(an empty set has no deadline) {
  machines::deadlines set;
  CAF_CHECK(set.next() == no_deadline);
  CAF_CHECK_EQUAL(set.take_over(start + 24h), 0u);
  CAF_CHECK_EQUAL(set.size(), 0u);
}

CAF_TEST(deadlines are taken at their moment and not before) {
  machines::deadlines set;
  set.set(7, start + 10ms);
  CAF_CHECK(set.next() == start + 10ms);
  CAF_CHECK_EQUAL(set.take_over(start + 10ms - 1ns), 0u);
  CAF_CHECK_EQUAL(set.take_over(start + 10ms), 7u);
  CAF_CHECK_EQUAL(set.take_over(start + 10ms), 0u);
  CAF_CHECK(set.next() == no_deadline);
}

CAF_TEST(the earliest is taken first) {
  machines::deadlines set;
  set.set(1, start + 30ms);
  set.set(2, start + 10ms);
  set.set(3, start + 20ms);
  CAF_CHECK_EQUAL(set.take_over(start + 1s), 2u);
  CAF_CHECK_EQUAL(set.take_over(start + 1s), 3u);
  CAF_CHECK_EQUAL(set.take_over(start + 1s), 1u);
}

CAF_TEST(two numbers may share a moment) {
  machines::deadlines set;
  set.set(1, start);
  set.set(2, start);
  CAF_CHECK_EQUAL(set.size(), 2u);
  set.remove(1);
  CAF_CHECK_EQUAL(set.take_over(start), 2u);
}

CAF_TEST(setting a number again moves its deadline) {
  machines::deadlines set;
  set.set(1, start + 10ms);
  set.set(1, start + 20ms);
  CAF_CHECK_EQUAL(set.size(), 1u);
  CAF_CHECK_EQUAL(set.take_over(start + 10ms), 0u);
  CAF_CHECK_EQUAL(set.take_over(start + 20ms), 1u);
}

CAF_TEST(never is not kept and takes back what was set) {
  machines::deadlines set;
  set.set(1, start);
  set.set(1, no_deadline);
  CAF_CHECK_EQUAL(set.size(), 0u);
  CAF_CHECK(set.next() == no_deadline);
}

CAF_TEST(removing an unknown number changes nothing) {
  machines::deadlines set;
  set.set(1, start);
  set.remove(2);
  CAF_CHECK_EQUAL(set.size(), 1u);
}
