// A connector machine with a clock of its own, and in words what it did.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "moor/machines/connector.hpp"

namespace moor::test {

using namespace std::chrono_literals;

inline retry_settings three_attempts() {
  return {.attempts = 3,
          .first_delay = 1s,
          .multiplier = 2,
          .longest_delay = 10s,
          .jitter = 1,
          .reconnect_share = 0};
}

inline failure refused() {
  return {errc::connect_failed, spoils::connection, 0, "connection refused"};
}

inline failure unknown_user() {
  return {errc::authentication_failed, spoils::generation, 0, "unknown user"};
}

inline failure shut_down() {
  return {errc::server_state_changed, spoils::generation, 0, "shut down"};
}

/// A connector with a clock of its own. `draw` is the random share of every delay.
struct connector_rig {
  explicit connector_rig(const retry_settings& policy = three_attempts()) : machine{policy} {}

  machines::connector machine;
  instant now{1h};
  double draw = 0.5;
  machines::connector_effects effects;

  void start() { machine.start(effects); }
  void succeed(bool read_only = false) { machine.probe_succeeded(read_only, draw, now, effects); }
  void fail(const failure& why = refused()) { machine.probe_failed(why, draw, now, effects); }
  void established() { machine.establishing_succeeded(); }
  void establishing_failed(const failure& why = refused()) {
    machine.establishing_failed(why, draw, now, effects);
  }
  void cleared() { machine.pool_cleared(draw, now, effects); }
  void pass(duration d) {
    now += d;
    machine.timer(now, effects);
  }
  void connect() {
    start();
    succeed();
    done();
  }

  /// Milliseconds to the next probe; -1 if none is planned.
  std::int64_t delay() const {
    const auto next = machine.next_probe();
    return next == no_deadline
             ? -1
             : std::chrono::duration_cast<std::chrono::milliseconds>(next - now).count();
  }

  /// What it did since the last call: "probe", "found", "found again", "lost", "gave up after 3".
  std::string done() {
    std::string text;
    for (const auto& e : std::exchange(effects, {}))
      text += (text.empty() ? "" : ", ") + std::visit([](const auto& x) { return name(x); }, e);
    return text;
  }

  static std::string name(const machines::probe&) { return "probe"; }
  static std::string name(const machines::announce_found& x) {
    return std::string{x.again ? "found again" : "found"} + (x.read_only ? " read-only" : "");
  }
  static std::string name(const machines::announce_lost& x) { return "lost: " + x.why.text; }
  static std::string name(const machines::announce_cause& x) { return "cause: " + x.why.text; }
  static std::string name(const machines::give_up& x) {
    return "gave up after " + std::to_string(x.attempts) + ": " + x.why.text;
  }
};

} // namespace moor::test
