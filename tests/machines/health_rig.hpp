// A health machine with a clock of its own, and in words what it did.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "moor/machines/health.hpp"

namespace moor::test {

using namespace std::chrono_literals;

inline settings watched() {
  settings s;
  s.max_pool_size = 10;
  s.connect_timeout = 10s;
  s.health.failures = 3;
  s.health.recoveries = 2;
  return s;
}

inline failure reset_by_peer() {
  return {errc::connection_lost, spoils::connection, 0, "db:27017 closed the connection"};
}

inline server_view primary_view(std::string me = "a:1", std::string election = "1") {
  server_view v;
  v.round_trip = 1ms;
  v.set_name = "set";
  v.me = v.primary = std::move(me);
  v.election_id = std::move(election);
  return v;
}

struct health_rig {
  explicit health_rig(settings config = watched()) : machine(config, instant{1h}) {}

  instant now{1h};
  machines::health machine;
  machines::health_effects effects;
  std::uint64_t generation = 0;

  void pool(pool_phase phase, std::uint64_t waiting = 0, std::string cause = {}) {
    machine.pool_is({phase, generation, waiting, 10, std::move(cause)}, now, effects);
  }
  void ready() {
    pool(pool_phase::ready);
    machine.timer(now, effects);
  }
  void pause(std::string cause = "it was cleared") {
    ++generation;
    pool(pool_phase::paused, 0, std::move(cause));
  }
  void answer(const server_view& view = primary_view()) { machine.checked(view, now, effects); }
  void fail(const failure& why = reset_by_peer()) { machine.check_failed(why, now, effects); }

  /// Time passes until the machine has something to do, and it does that.
  duration wait() {
    const auto passed = machine.next_timer() - now;
    now = machine.next_timer();
    machine.timer(now, effects);
    return passed;
  }

  /// A pool that is ready over a server that is well.
  void be_healthy() {
    ready();
    answer();
    done();
  }

  /// What it did since the last call.
  std::string done() {
    std::string all;
    for (const auto& e : std::exchange(effects, {}))
      all += (all.empty() ? "" : ", ") + std::visit([](const auto& x) { return words(x); }, e);
    return all;
  }

  std::string state() const { return std::string{to_string(machine.state())}; }

  static std::string words(const machines::check_server&) { return "check"; }
  static std::string words(const machines::drop_connection&) { return "drop"; }
  static std::string words(const machines::doubt_server& x) {
    return "doubt(" + std::to_string(x.generation) + ": " + x.why.text + ")";
  }
  static std::string words(const machines::ask_pool&) { return "ask"; }
  static std::string words(const machines::announce_health& x) {
    std::string all = std::string{to_string(x.from)} + "->" + std::string{to_string(x.to)};
    for (const auto& c : x.causes)
      all += ": " + c;
    return all;
  }
};

} // namespace moor::test
