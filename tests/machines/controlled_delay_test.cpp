// When a queue counts as overloaded, and from when on its requests are shed.
#define CAF_SUITE controlled_delay

#include "moor/machines/controlled_delay.hpp"

#include <chrono>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

controlled_delay begun() {
  controlled_delay delay{shedding_settings{}};
  delay.begins(start);
  return delay;
}

} // namespace

CAF_TEST(an interval in which nobody was served in time is an overload) {
  auto delay = begun();
  for (auto at = 0ms; at < 2s; at += 100ms)
    delay.served(priority::normal, 51ms, start + at);
  CAF_CHECK(!delay.overloaded(start + 2s - 1ns));
  CAF_CHECK(delay.overloaded(start + 2s));
}

CAF_TEST(an interval in which nobody was served at all is an overload) {
  CAF_CHECK(begun().overloaded(start + 2s));
}

CAF_TEST(one request served within the target begins a new interval and ends an overload) {
  auto delay = begun();
  delay.served(priority::normal, 50ms, start + 1s);
  CAF_CHECK(!delay.overloaded(start + 2s));
  CAF_CHECK(delay.overloaded(start + 3s));
  delay.served(priority::background, 0ms, start + 4s);
  CAF_CHECK(!delay.overloaded(start + 4s));
}

CAF_TEST(critical requests overtake and say nothing of the queue) {
  auto delay = begun();
  delay.served(priority::critical, 0ms, start + 1s);
  CAF_CHECK(delay.overloaded(start + 2s));
}

CAF_TEST(background is shed after the target and normal after twice of it and critical never) {
  const auto delay = begun();
  const auto late = start + 5s;
  CAF_CHECK(delay.sheds_at(priority::background, late) == late + 50ms + 1ns);
  CAF_CHECK(delay.sheds_at(priority::normal, late) == late + 100ms + 1ns);
  CAF_CHECK(delay.sheds_at(priority::critical, late) == no_deadline);
}

CAF_TEST(nobody is shed before the interval is over) {
  CAF_CHECK(begun().sheds_at(priority::normal, start) == start + 2s);
}

CAF_TEST(time in which nobody could serve is no part of the interval) {
  auto delay = begun();
  delay.leave_out(500ms);
  CAF_CHECK(!delay.overloaded(start + 2s));
  CAF_CHECK(delay.overloaded(start + 2500ms));
}

CAF_TEST(a target of zero turns it off) {
  controlled_delay delay{shedding_settings{.queue_target = 0ms}};
  delay.begins(start);
  CAF_CHECK(!delay.enabled());
  CAF_CHECK(!delay.overloaded(start + 1h));
  CAF_CHECK(delay.sheds_at(priority::background, start) == no_deadline);
}

CAF_TEST(the error names the rule and when to ask again) {
  const auto why = begun().refusal(priority::normal, 312ms);
  CAF_CHECK(why.code == errc::shed);
  CAF_CHECK(why.reach == spoils::nothing);
  CAF_CHECK(why.retry_after == 2s);
  CAF_CHECK_EQUAL(why.text, "CoDel: waited 312 ms, above 2 x queue-target 50 ms, in an overloaded "
                            "interval");
  CAF_CHECK_EQUAL(begun().refusal(priority::background, 70ms).text,
                  "CoDel: waited 70 ms, above queue-target 50 ms, in an overloaded interval");
}
