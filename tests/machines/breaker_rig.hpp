// A circuit breaker with a clock of its own, and in words what it did.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "moor/machines/circuit_breaker.hpp"

namespace moor::test {

using namespace std::chrono_literals;
using machines::breaker_permit;
using machines::breaker_refusal;

/// Opens from 4 calls on if half of them failed or all were slow; waits 1, 2, 4, 8, 8 … seconds.
inline breaker_settings small_breaker() {
  return {.window_size = 10,
          .minimum_calls = 4,
          .slow_call_duration_threshold = 1s,
          .wait_in_open_state = 1s,
          .longest_wait_in_open_state = 8s,
          .wait_jitter = 0,
          .permitted_probes = 3,
          .probe_deadline = 5s};
}

inline failure lost_connection() {
  return failure_of(errc::connection_lost);
}

struct breaker_rig {
  explicit breaker_rig(const breaker_settings& policy = small_breaker()) : machine{policy, now} {}

  instant now{1h};
  double draw = 0;
  machines::breaker_effects effects;
  machines::circuit_breaker machine;

  machines::breaker_answer ask() { return machine.try_acquire(draw, now, effects); }
  /// The permit; throws if there is none.
  breaker_permit get() { return std::get<breaker_permit>(ask()); }
  /// "permitted", "refused for 250ms" or "refused".
  std::string asked() {
    const auto answer = ask();
    const auto* refusal = std::get_if<breaker_refusal>(&answer);
    if (refusal == nullptr)
      return "permitted";
    using std::chrono::duration_cast, std::chrono::milliseconds;
    return refusal->retry_after
             ? "refused for "
                 + std::to_string(duration_cast<milliseconds>(*refusal->retry_after).count()) + "ms"
             : "refused";
  }

  void succeed(const breaker_permit& permit, duration took = 1ms) {
    machine.succeeded(permit, took, draw, now, effects);
  }
  void fail(const breaker_permit& permit, const failure& why = lost_connection(),
            duration took = 1ms) {
    machine.failed(permit, why, took, draw, now, effects);
  }
  void abandon(const breaker_permit& permit) { machine.abandon(permit, draw, now, effects); }
  void release(const breaker_permit& permit) { machine.release(permit, draw, now, effects); }
  void order(breaker_mode mode) { machine.set_mode(mode, now, effects); }

  /// That many calls, one after the other.
  void succeed(int calls) {
    for (; calls > 0; --calls)
      succeed(get());
  }
  void fail(int calls) {
    for (; calls > 0; --calls)
      fail(get());
  }

  void pass(duration d) { now += d; }
  void tick() { machine.timer(draw, now, effects); }
  /// To the next timer, which must be there.
  void pass_to_timer() {
    now = machine.next_timer();
    tick();
  }
  void open() {
    fail(4);
    done();
  }
  void half_open() {
    open();
    pass_to_timer();
    done();
  }

  breaker_state state() const { return machine.state(); }
  breaker_figures figures() const { return machine.figures(now); }

  /// What it did since the last call: "closed > open: 4 of 4 calls failed …".
  std::string done() {
    std::string text;
    for (const auto& e : std::exchange(effects, {}))
      text += (text.empty() ? "" : "; ") + std::string{to_string(e.from)} + " > "
              + std::string{to_string(e.to)} + ": " + e.cause;
    return text;
  }
};

} // namespace moor::test
