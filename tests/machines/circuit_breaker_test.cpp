// When a circuit breaker opens, what it refuses meanwhile, and who orders it about.
#define CAF_SUITE circuit_breaker

#include "machines/breaker_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

using state = breaker_state;

// -- closed --------------------------------------------------------------------------------------

CAF_TEST(calls are permitted while closed) {
  breaker_rig rig;
  for (int i = 0; i < 100; ++i)
    CAF_CHECK_EQUAL(rig.asked(), "permitted");
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  CAF_CHECK_EQUAL(rig.done(), "");
}

CAF_TEST(fewer calls than the minimum are not judged) {
  breaker_rig rig;
  rig.fail(3);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.fail(1);
  CAF_CHECK_EQUAL(rig.done(), "closed > open: 4 of 4 calls failed (100%), the threshold is 50%");
}

CAF_TEST(the threshold itself opens and what is below does not ) {
  breaker_rig rig;
  rig.succeed(3);
  rig.fail(2);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.fail(1);
  CAF_CHECK_EQUAL(rig.done(), "closed > open: 3 of 6 calls failed (50%), the threshold is 50%");
}

CAF_TEST(a success can complete the minimum and open) {
  breaker_rig rig;
  rig.fail(3);
  rig.succeed(1);
  CAF_CHECK_EQUAL(rig.done(), "closed > open: 3 of 4 calls failed (75%), the threshold is 50%");
}

CAF_TEST(shares are told with one decimal) {
  auto policy = small_breaker();
  policy.minimum_calls = 3;
  policy.failure_rate_threshold = 0.333;
  breaker_rig rig{policy};
  rig.succeed(2);
  rig.fail(1);
  CAF_CHECK_EQUAL(rig.done(), "closed > open: 1 of 3 calls failed (33.3%), the threshold is 33.3%");
}

CAF_TEST(calls beyond the window are forgotten) {
  breaker_rig rig;
  rig.succeed(6);
  rig.fail(4);
  rig.succeed(6); // of the last ten, 4 failed
  rig.fail(4);
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK_EQUAL(rig.figures().failed, 4u);
  rig.fail(1); // one success less, one failure more
  CAF_CHECK_EQUAL(rig.done(), "closed > open: 5 of 10 calls failed (50%), the threshold is 50%");
}

CAF_TEST(in a window of time calls are forgotten with time) {
  auto policy = small_breaker();
  policy.window_type = breaker_window::time;
  policy.window_length = 10s;
  breaker_rig rig{policy};
  rig.fail(3);
  rig.pass(10s);
  rig.fail(3);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.pass(8s);
  rig.fail(1);
  CAF_CHECK_EQUAL(rig.done(), "closed > open: 4 of 4 calls failed (100%), the threshold is 50%");
}

CAF_TEST(slow calls open) {
  breaker_rig rig;
  for (int i = 0; i < 3; ++i)
    rig.succeed(rig.get(), 1s + 1ns);
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.succeed(rig.get(), 2s);
  CAF_CHECK_EQUAL(rig.done(),
                  "closed > open: 4 of 4 calls took longer than 1s (100%), the threshold is 100%");
}

CAF_TEST(a call that takes as long as the threshold is not slow) {
  breaker_rig rig;
  for (int i = 0; i < 4; ++i)
    rig.succeed(rig.get(), 1s);
  CAF_CHECK_EQUAL(rig.figures().slow, 0u);
}

CAF_TEST(a failed call can be slow as well) {
  auto policy = small_breaker();
  policy.failure_rate_threshold = 1;
  policy.slow_call_rate_threshold = 0.5;
  breaker_rig rig{policy};
  rig.succeed(2);
  rig.fail(rig.get(), lost_connection(), 2s);
  rig.fail(rig.get(), lost_connection(), 2s);
  CAF_CHECK_EQUAL(rig.done(),
                  "closed > open: 2 of 4 calls took longer than 1s (50%), the threshold is 50%");
}

CAF_TEST(without a duration no call is slow) {
  auto policy = small_breaker();
  policy.slow_call_duration_threshold = 0s;
  breaker_rig rig{policy};
  for (int i = 0; i < 10; ++i)
    rig.succeed(rig.get(), 1h);
  CAF_CHECK_EQUAL(rig.figures().slow, 0u);
  CAF_CHECK_EQUAL(rig.done(), "");
}

CAF_TEST(failures that say nothing of the server count neither way) {
  breaker_rig rig;
  for (int i = 0; i < 100; ++i)
    rig.fail(rig.get(), failure_of(errc::operation_failed, "duplicate key"), 1h);
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
  rig.succeed(2);
  rig.fail(2);
  CAF_CHECK_EQUAL(rig.done(), "closed > open: 2 of 4 calls failed (50%), the threshold is 50%");
}

CAF_TEST(calls that were released or abandoned while closed are not judged) {
  breaker_rig rig;
  for (int i = 0; i < 10; ++i) {
    rig.release(rig.get());
    rig.abandon(rig.get());
  }
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
  CAF_CHECK_EQUAL(rig.done(), "");
}

// -- open ----------------------------------------------------------------------------------------

CAF_TEST(while open every call is refused at once with the time left) {
  breaker_rig rig;
  rig.fail(4);
  CAF_CHECK(rig.effects.at(0).retry_after == 1s);
  CAF_CHECK_EQUAL(rig.asked(), "refused for 1000ms");
  rig.pass(750ms);
  CAF_CHECK_EQUAL(rig.asked(), "refused for 250ms");
  CAF_CHECK_EQUAL(rig.figures().refused, 2u);
  CAF_CHECK(rig.machine.next_timer() == rig.now + 250ms);
}

CAF_TEST(the wait ends with the timer) {
  breaker_rig rig;
  rig.open();
  rig.pass(1s - 1ns);
  rig.tick();
  CAF_CHECK_EQUAL(rig.done(), "");
  rig.pass(1ns);
  rig.tick();
  CAF_CHECK_EQUAL(rig.done(), "open > half_open: the wait of 1s is over");
}

CAF_TEST(the wait ends without a timer as well) {
  breaker_rig rig;
  rig.open();
  rig.pass(1s);
  CAF_CHECK_EQUAL(rig.asked(), "permitted");
  CAF_CHECK_EQUAL(rig.done(), "open > half_open: the wait of 1s is over");
}

CAF_TEST(the wait grows to the longest and starts anew after it was closed) {
  breaker_rig rig;
  rig.fail(4);
  for (const auto expected : {1s, 2s, 4s, 8s, 8s, 8s}) {
    CAF_CHECK(rig.effects.back().retry_after == expected);
    CAF_CHECK(rig.machine.next_timer() == rig.now + expected);
    rig.pass(expected);
    rig.fail(2);
  }
  rig.pass(8s);
  rig.succeed(3);
  CAF_CHECK(rig.state() == state::closed);
  rig.fail(4);
  CAF_CHECK(rig.effects.back().retry_after == 1s);
}

CAF_TEST(the random share of a wait is as large as the settings say) {
  auto policy = small_breaker();
  policy.wait_jitter = 0.5;
  for (const auto& [draw, expected] :
       {std::pair{0.0, 500ms}, std::pair{0.5, 750ms}, std::pair{0.999, 999ms}}) {
    breaker_rig rig{policy};
    rig.draw = draw;
    rig.fail(4);
    CAF_CHECK(rig.effects.back().retry_after == expected);
  }
}

CAF_TEST(there is always some wait) {
  auto policy = small_breaker();
  policy.wait_jitter = 1;
  breaker_rig rig{policy};
  rig.fail(4);
  CAF_CHECK(rig.effects.back().retry_after == 1ms);
}

CAF_TEST(outcomes of calls that ran when it opened count in no later state) {
  breaker_rig rig;
  const auto running = rig.get();
  const auto end_one = [&] {
    rig.fail(running);
    rig.succeed(running);
    rig.abandon(running);
    rig.release(running);
  };
  rig.open();
  end_one();
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
  rig.pass_to_timer();
  CAF_CHECK(rig.state() == state::half_open);
  end_one();
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
  rig.succeed(3);
  CAF_CHECK(rig.state() == state::closed);
  end_one();
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
}

// -- by order ------------------------------------------------------------------------------------

CAF_TEST(forced open refuses everything and knows no time) {
  breaker_rig rig;
  rig.order(breaker_mode::forced_open);
  CAF_CHECK_EQUAL(rig.done(), "closed > forced_open: by order");
  rig.pass(1000h);
  rig.tick();
  CAF_CHECK_EQUAL(rig.asked(), "refused");
  CAF_CHECK(rig.machine.next_timer() == no_deadline);
  CAF_CHECK_EQUAL(rig.done(), "");
}

CAF_TEST(disabled permits everything and records nothing) {
  breaker_rig rig;
  rig.order(breaker_mode::disabled);
  CAF_CHECK_EQUAL(rig.done(), "closed > disabled: by order");
  rig.fail(100);
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
  CAF_CHECK_EQUAL(rig.done(), "");
}

CAF_TEST(an order closes it whatever its state was) {
  for (const auto before : {state::open, state::half_open, state::forced_open, state::disabled}) {
    breaker_rig rig;
    switch (before) {
      case state::open: rig.open(); break;
      case state::half_open: rig.half_open(); break;
      case state::forced_open: rig.order(breaker_mode::forced_open); break;
      default: rig.order(breaker_mode::disabled);
    }
    rig.done();
    CAF_REQUIRE(rig.state() == before);
    rig.order(breaker_mode::on);
    CAF_CHECK_EQUAL(rig.done(), std::string{to_string(before)} + " > closed: by order");
    rig.fail(4);
    CAF_CHECK(rig.effects.back().retry_after == 1s);
  }
}

CAF_TEST(an order that changes nothing changes nothing) {
  breaker_rig rig;
  rig.fail(3);
  rig.order(breaker_mode::on);
  CAF_CHECK_EQUAL(rig.figures().calls, 3u);
  rig.order(breaker_mode::disabled);
  rig.done();
  rig.order(breaker_mode::disabled);
  CAF_CHECK_EQUAL(rig.done(), "");
  CAF_CHECK_EQUAL(rig.figures().transitions, 1u);
}

CAF_TEST(calls that ran when an order came count no more) {
  breaker_rig rig;
  const auto before = rig.get();
  rig.order(breaker_mode::disabled);
  const auto meanwhile = rig.get();
  rig.order(breaker_mode::on);
  rig.fail(before);
  rig.fail(meanwhile);
  CAF_CHECK_EQUAL(rig.figures().calls, 0u);
}

CAF_TEST(the mode of the settings is that of the beginning) {
  auto policy = small_breaker();
  policy.mode = breaker_mode::forced_open;
  CAF_CHECK_EQUAL(breaker_rig{policy}.asked(), "refused");
  policy.mode = breaker_mode::disabled;
  CAF_CHECK(breaker_rig{policy}.state() == state::disabled);
  CAF_CHECK(breaker_rig{}.state() == state::closed);
}

// -- what it shows -------------------------------------------------------------------------------

CAF_TEST(the figures are those of the state) {
  breaker_rig rig;
  rig.succeed(3);
  rig.fail(rig.get(), lost_connection(), 2s);
  CAF_CHECK((rig.figures()
             == breaker_figures{.state = state::closed,
                                .calls = 4,
                                .failed = 1,
                                .slow = 1,
                                .failure_rate = 0.25,
                                .slow_call_rate = 0.25}));
  rig.pass(1s);
  rig.fail(2);
  rig.asked();
  CAF_CHECK(
    (rig.figures() == breaker_figures{.state = state::open, .refused = 1, .transitions = 1}));
  rig.pass(1s);
  rig.succeed(rig.get());
  rig.get();
  rig.pass(300ms);
  CAF_CHECK((rig.figures()
             == breaker_figures{.state = state::half_open,
                                .lasts = 300ms,
                                .calls = 1,
                                .probes_in_flight = 1,
                                .refused = 1,
                                .transitions = 2}));
}
