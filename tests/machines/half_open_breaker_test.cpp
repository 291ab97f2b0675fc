// How the probes of a half-open circuit breaker decide, also those that nobody answers.
#define CAF_SUITE half_open_breaker

#include "machines/breaker_rig.hpp"

#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

using state = breaker_state;

namespace {

struct half_open_rig : breaker_rig {
  explicit half_open_rig(const breaker_settings& policy = small_breaker()) : breaker_rig{policy} {
    half_open();
  }

  std::vector<breaker_permit> get_all() { return {get(), get(), get()}; }
};

} // namespace

CAF_TEST(no more than the permitted probes) {
  half_open_rig rig;
  const auto probes = rig.get_all();
  CAF_CHECK_EQUAL(rig.figures().probes_in_flight, 3u);
  CAF_CHECK(probes[0].deadline == rig.now + 5s);
  CAF_CHECK_EQUAL(rig.asked(), "refused for 1000ms"); // the first wait: they may decide any time
  rig.pass(4500ms);
  CAF_CHECK_EQUAL(rig.asked(), "refused for 500ms"); // they have decided by then
  CAF_CHECK_EQUAL(rig.done(), "");
}

CAF_TEST(an answered probe makes no room for another) {
  half_open_rig rig;
  const auto probes = rig.get_all();
  rig.succeed(probes[0]);
  CAF_CHECK_EQUAL(rig.asked(), "refused for 1000ms");
}

CAF_TEST(all probes succeed and it closes with an empty window) {
  half_open_rig rig;
  rig.succeed(3);
  CAF_CHECK_EQUAL(rig.done(), "half_open > closed: 0 of 3 probes failed and 0 were slow");
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
  CAF_CHECK_EQUAL(rig.asked(), "permitted");
}

CAF_TEST(it closes with a share of failed and slow ones below the thresholds) {
  half_open_rig rig;
  rig.succeed(1);
  rig.fail(1);
  rig.succeed(rig.get(), 2s);
  CAF_CHECK_EQUAL(rig.done(), "half_open > closed: 1 of 3 probes failed and 1 were slow");
}

CAF_TEST(it opens again for longer as soon as too many failed) {
  half_open_rig rig;
  const auto probes = rig.get_all();
  rig.fail(probes[1]);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.fail(probes[0]);
  CAF_CHECK(rig.effects.at(0).retry_after == 2s);
  CAF_CHECK_EQUAL(rig.done(),
                  "half_open > open: 2 of 3 probes failed (66.7%), the threshold is 50%");
}

CAF_TEST(slow probes open it again) {
  half_open_rig rig;
  for (const auto& probe : rig.get_all())
    rig.succeed(probe, 2s);
  CAF_CHECK_EQUAL(
    rig.done(),
    "half_open > open: 3 of 3 probes took longer than 1s (100%), the threshold is 100%");
}

CAF_TEST(a probe whose caller died has failed) {
  half_open_rig rig;
  rig.abandon(rig.get());
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK_EQUAL(rig.figures().failed, 1u);
  rig.abandon(rig.get());
  CAF_CHECK_EQUAL(rig.done(), "half_open > open: 2 of 3 probes failed, 2 of them without an answer "
                              "(66.7%), the threshold is 50%");
}

CAF_TEST(lost probes are told of in no later state) {
  half_open_rig rig;
  rig.abandon(rig.get());
  rig.succeed(2);
  rig.done();
  rig.fail(4);
  CAF_CHECK_EQUAL(rig.done(), "closed > open: 4 of 4 calls failed (100%), the threshold is 50%");
}

CAF_TEST(it is left by the deadline of a probe that nobody answers) {
  half_open_rig rig;
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  const auto probe = rig.get();
  CAF_CHECK(rig.machine.next_timer() == probe.deadline);
  rig.pass(5s - 1ns);
  rig.tick();
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.pass(1ns);
  rig.tick();
  CAF_CHECK_EQUAL(rig.done(), "half_open > open: 1 of 1 probes failed, 1 of them without an answer "
                              "(100%), the threshold is 50%");
}

CAF_TEST(it is left by the deadline of a probe whose caller died) {
  half_open_rig rig;
  const auto probe = rig.get();
  rig.abandon(probe);
  CAF_CHECK(rig.machine.next_timer() == probe.deadline);
  rig.pass_to_timer();
  CAF_CHECK(rig.state() == state::open);
}

CAF_TEST(it is left by the deadline of a probe that succeeded when nobody asks for another) {
  half_open_rig rig;
  rig.succeed(rig.get());
  rig.pass_to_timer();
  CAF_CHECK_EQUAL(rig.done(), "half_open > closed: 0 of 1 probes failed and 0 were slow");
}

CAF_TEST(a lost probe among others that succeeded counts as one) {
  half_open_rig rig;
  const auto probes = rig.get_all();
  rig.succeed(probes[1]);
  rig.succeed(probes[2]);
  rig.pass_to_timer();
  CAF_CHECK_EQUAL(rig.done(), "half_open > closed: 1 of 3 probes failed and 0 were slow");
}

CAF_TEST(a probe that is not due yet is left out) {
  half_open_rig rig;
  const auto first = rig.get();
  rig.pass(4s);
  const auto second = rig.get();
  rig.succeed(first);
  rig.pass(1s);
  rig.tick();
  CAF_CHECK_EQUAL(rig.done(), "half_open > closed: 0 of 1 probes failed and 0 were slow");
  rig.fail(second);
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
}

CAF_TEST(a late timer decides as one in time) {
  half_open_rig rig;
  rig.succeed(rig.get());
  rig.succeed(rig.get());
  rig.pass(4s);
  rig.get();
  rig.pass(1h); // the third one is over by now, too; it was not when the first one was due
  rig.tick();
  CAF_CHECK_EQUAL(rig.done(), "half_open > closed: 0 of 2 probes failed and 0 were slow");
}

CAF_TEST(an outcome after the deadline is too late even without a timer) {
  half_open_rig rig;
  const auto probe = rig.get();
  rig.pass(5s);
  rig.succeed(probe);
  CAF_CHECK(rig.state() == state::open);
}

CAF_TEST(a second outcome of a probe is not counted) {
  half_open_rig rig;
  const auto probe = rig.get();
  rig.succeed(probe);
  rig.fail(probe);
  rig.abandon(probe);
  rig.release(probe);
  CAF_CHECK_EQUAL(rig.figures().calls, 1u);
  CAF_CHECK_EQUAL(rig.figures().failed, 0u);
}

CAF_TEST(an outcome of a probe of an earlier time is not counted) {
  half_open_rig rig;
  const auto probes = rig.get_all();
  rig.fail(probes[0]);
  rig.fail(probes[1]);
  rig.pass_to_timer();
  CAF_REQUIRE(rig.state() == state::half_open);
  rig.fail(probes[2]);
  rig.fail(probes[0]);
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
  rig.succeed(3);
  CAF_CHECK(rig.state() == state::closed);
  rig.fail(probes[1]);
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
}

CAF_TEST(probes of an earlier time that still run keep their places until they are over) {
  half_open_rig rig;
  const auto probes = rig.get_all(); // due in 5 s
  rig.pass(1s);
  rig.fail(probes[0]);
  rig.fail(probes[1]);
  rig.pass_to_timer();
  CAF_REQUIRE(rig.state() == state::half_open);
  CAF_CHECK_EQUAL(rig.figures().probes_in_flight, 1u);
  rig.succeed(rig.get());
  rig.get();
  rig.get();
  CAF_CHECK_EQUAL(rig.figures().probes_in_flight, 3u);
}

CAF_TEST(a place that an earlier probe keeps is refused) {
  half_open_rig rig;
  const auto probes = rig.get_all(); // due in 5 s
  rig.pass(1s);
  rig.fail(probes[0]);
  rig.fail(probes[1]);
  rig.pass_to_timer(); // after 2 s more
  rig.get();
  rig.get();
  CAF_CHECK_EQUAL(rig.asked(), "refused for 1000ms");
  rig.pass(1500ms);
  CAF_CHECK_EQUAL(rig.asked(), "refused for 500ms"); // until the earlier one is over
  rig.pass(500ms);
  CAF_CHECK_EQUAL(rig.asked(), "permitted");
  CAF_CHECK_EQUAL(rig.figures().probes_in_flight, 3u);
}

CAF_TEST(an earlier probe that ends makes room) {
  using ending = void (*)(breaker_rig&, const breaker_permit&);
  for (const auto end : {
         ending{[](breaker_rig&rig, const breaker_permit&probe) { rig.succeed(probe); }},
         ending{[](breaker_rig&rig, const breaker_permit&probe) { rig.abandon(probe); }},
         ending{[](breaker_rig&rig, const breaker_permit&probe) { rig.release(probe); }},
       }) {
    half_open_rig rig;
    const auto probes = rig.get_all();
    rig.fail(probes[0]);
    rig.fail(probes[1]);
    rig.pass_to_timer();
    rig.get();
    rig.get();
    CAF_CHECK_EQUAL(rig.asked(), "refused for 1000ms");
    end(rig, probes[2]);
    CAF_CHECK_EQUAL(rig.asked(), "permitted");
  }
}

CAF_TEST(a probe that was released gives its place to another) {
  half_open_rig rig;
  const auto probes = rig.get_all();
  rig.release(probes[0]);
  CAF_CHECK_EQUAL(rig.asked(), "permitted");
  rig.fail(probes[1], failure_of(errc::wait_queue_timeout)); // says nothing of the server
  CAF_CHECK_EQUAL(rig.asked(), "permitted");
  CAF_CHECK_EQUAL(rig.asked(), "refused for 1000ms");
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
}

CAF_TEST(after all probes were released there is nothing to wait for) {
  half_open_rig rig;
  rig.release(rig.get());
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  rig.pass(1h);
  rig.tick();
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK_EQUAL(rig.asked(), "permitted");
}
