// Requests and their work before a circuit breaker: who asks, who is at work, how it ended.
#define CAF_SUITE breaker_gate

#include "moor/machines/breaker_gate.hpp"

#include "machines/breaker_rig.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

/// The n-th request becomes the work n + 1000.
struct gate_rig {
  instant now{1h};
  machines::breaker_effects effects;
  machines::breaker_gate gate{breaker_scope::operations, small_breaker(), now};

  std::optional<failure> admit(std::uint64_t request) {
    return gate.admit(request, 0, now, effects);
  }
  void end(std::uint64_t request, const std::optional<failure>& why = std::nullopt) {
    gate.begin(request, request + 1000, now);
    gate.end(request + 1000, why, 0, now, effects);
  }
  /// From `first` on, until it opens.
  void open(std::uint64_t first = 1) {
    for (auto request = first; request < first + 4; ++request) {
      CAF_REQUIRE(!admit(request));
      end(request, lost_connection());
    }
    CAF_REQUIRE(state() == breaker_state::open);
  }
  void half_open() {
    open();
    gate.end_wait(now, effects);
  }
  breaker_state state() const { return gate.figures(now).state; }
  std::uint64_t probes() const { return gate.figures(now).probes_in_flight; }
};

} // namespace

CAF_TEST(a refusal names the breaker and says when to ask again) {
  gate_rig rig;
  rig.open();
  rig.now += 250ms;
  const auto why = rig.admit(9);
  CAF_REQUIRE(why.has_value());
  CAF_CHECK(why->code == errc::circuit_open);
  CAF_CHECK(why->reach == spoils::nothing);
  CAF_CHECK(why->retry_after == 750ms);
  CAF_CHECK_EQUAL(why->text, "The circuit breaker over operations is open; ask again in 750 ms");
  rig.gate.set_mode(breaker_mode::forced_open, rig.now, rig.effects);
  const auto by_order = rig.admit(10);
  CAF_REQUIRE(by_order.has_value());
  CAF_CHECK(by_order->retry_after == 0s);
  CAF_CHECK_EQUAL(by_order->text, "The circuit breaker over operations is forced_open");
}

CAF_TEST(what is not served or was told before is no outcome) {
  gate_rig rig;
  for (std::uint64_t request = 1; request <= 20; ++request) {
    CAF_CHECK(!rig.admit(request));
    rig.gate.release(request, 0, rig.now, rig.effects);
    rig.gate.release(request, 0, rig.now, rig.effects);
    rig.end(request, lost_connection());
  }
  rig.gate.end(77, lost_connection(), 0, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.gate.figures(rig.now).calls, 0u);
  CAF_CHECK(!rig.admit(30));
  rig.end(30);
  rig.gate.end(1030, lost_connection(), 0, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.gate.figures(rig.now).calls, 1u);
  CAF_CHECK_EQUAL(rig.gate.figures(rig.now).failed, 0u);
}

CAF_TEST(work that takes long is slow and holding a connection is not ) {
  gate_rig rig;
  for (std::uint64_t request = 1; request <= 3; ++request) {
    CAF_CHECK(!rig.admit(request));
    if (request == 1)
      rig.gate.begin(request, request, rig.now);
    else
      rig.gate.begin_hold(request, request, 0, rig.now, rig.effects);
  }
  rig.now += 2s;
  for (std::uint64_t request = 1; request <= 3; ++request)
    rig.gate.end(request, std::nullopt, 0, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.gate.figures(rig.now).calls, 3u);
  CAF_CHECK_EQUAL(rig.gate.figures(rig.now).slow, 1u);
}

CAF_TEST(a held connection that ends badly counts) {
  gate_rig rig;
  for (std::uint64_t request = 1; request <= 4; ++request) {
    CAF_CHECK(!rig.admit(request));
    rig.gate.begin_hold(request, request, 0, rig.now, rig.effects);
    rig.gate.end(request, lost_connection(), 0, rig.now, rig.effects);
  }
  CAF_CHECK(rig.state() == breaker_state::open);
}

CAF_TEST(a held connection is no probe) {
  gate_rig rig;
  rig.half_open();
  for (std::uint64_t request = 10; request < 20; ++request) {
    CAF_CHECK(!rig.admit(request));
    rig.gate.begin_hold(request, request, 0, rig.now, rig.effects);
  }
  CAF_CHECK_EQUAL(rig.probes(), 0u);
  rig.now += 1h;
  rig.gate.timer(0, rig.now, rig.effects);
  CAF_CHECK(rig.state() == breaker_state::half_open);
}

CAF_TEST(held connections that came back decide as probes do) {
  for (const bool well : {true, false}) {
    gate_rig rig;
    CAF_CHECK(!rig.admit(1)); // from before: what it met says nothing of now
    rig.gate.begin_hold(1, 1, 0, rig.now, rig.effects);
    rig.half_open();
    rig.gate.end(1, std::nullopt, 0, rig.now, rig.effects);
    for (std::uint64_t request = 10; request < 13; ++request) {
      CAF_CHECK(rig.state() == breaker_state::half_open);
      CAF_CHECK(!rig.admit(request));
      rig.gate.begin_hold(request, request, 0, rig.now, rig.effects);
      rig.now += 1s;
      rig.gate.end(request, well ? std::nullopt : std::optional{lost_connection()}, 0, rig.now,
                   rig.effects);
      if (!well && rig.state() == breaker_state::open)
        break;
    }
    CAF_CHECK(rig.state() == (well ? breaker_state::closed : breaker_state::open));
  }
}

CAF_TEST(the return of the server ends the wait and only the wait) {
  gate_rig rig;
  rig.gate.end_wait(rig.now, rig.effects);
  CAF_CHECK(rig.state() == breaker_state::closed);
  rig.half_open();
  CAF_CHECK(rig.state() == breaker_state::half_open);
  CAF_CHECK_EQUAL(rig.effects.back().cause, "the server is back");
  for (std::uint64_t request = 10; request < 13; ++request)
    CAF_CHECK(!rig.admit(request));
  CAF_CHECK(rig.admit(13).has_value());
  for (std::uint64_t request = 10; request < 13; ++request)
    rig.end(request);
  CAF_CHECK(rig.state() == breaker_state::closed);
  rig.gate.set_mode(breaker_mode::forced_open, rig.now, rig.effects);
  rig.gate.end_wait(rig.now, rig.effects);
  CAF_CHECK(rig.state() == breaker_state::forced_open);
}

CAF_TEST(work that is ended from outside is a lost probe and else nothing) {
  gate_rig rig;
  CAF_CHECK(!rig.admit(1));
  rig.gate.begin(1, 1, rig.now);
  rig.gate.abandon(1, 0, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.gate.figures(rig.now).calls, 0u);
  rig.half_open();
  for (std::uint64_t request = 10; request < 13; ++request) {
    CAF_CHECK(!rig.admit(request));
    rig.gate.begin(request, request, rig.now);
    rig.gate.abandon(request, 0, rig.now, rig.effects);
  }
  CAF_CHECK(rig.state() == breaker_state::open);
}

CAF_TEST(who is in none of the books gives up his place) {
  gate_rig rig;
  rig.half_open();
  for (std::uint64_t request = 10; request < 13; ++request)
    CAF_CHECK(!rig.admit(request));
  rig.gate.begin(10, 1, rig.now);
  rig.gate.adopt({11}, {1}, 0, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.probes(), 2u);
  CAF_CHECK(!rig.admit(14));
  rig.gate.adopt({11, 14}, {}, 0, rig.now, rig.effects);
  CAF_CHECK_EQUAL(rig.probes(), 2u);
}
