// A circuit breaker as simple as it can be told: everything is kept, and counted anew each time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/machines/call_window.hpp"
#include "moor/messages/breaker.hpp"

namespace moor::test {

struct breaker_model {
  using state = breaker_state;
  using call_counts = machines::call_counts;

  struct call {
    bool failed = false;
    bool slow = false;
    instant when;
  };
  struct probe {
    std::uint64_t round = 0;
    instant deadline;
    bool answered = false;
  };

  breaker_settings policy;
  state now_in = state::closed;
  std::uint64_t changes = 0;
  std::uint64_t openings = 0;
  std::optional<instant> open_until = {}; // nothing until the machine said how long it waits
  std::vector<call> calls = {};           // since the last change
  std::map<std::uint64_t, probe> probes = {};

  bool reaches(const call_counts& seen, std::size_t of) const {
    const auto at_least = [&](std::uint64_t part, double threshold) {
      return static_cast<double>(part) / static_cast<double>(of) >= threshold;
    };
    return of > 0
           && (at_least(seen.failed, policy.failure_rate_threshold)
               || at_least(seen.slow, policy.slow_call_rate_threshold));
  }

  call_counts window(instant now) const {
    const auto tenth = policy.window_length / 10;
    const auto since_epoch = [&](instant t) { return t.time_since_epoch() / tenth; };
    call_counts seen;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const bool inside = now_in == state::half_open
                          || (policy.window_type == breaker_window::count
                                ? calls.size() - i <= policy.window_size
                                : since_epoch(now) - since_epoch(calls[i].when) < 10);
      if (inside)
        seen.add(calls[i].failed, calls[i].slow);
    }
    return seen;
  }

  void change(state to) {
    now_in = to;
    ++changes;
    openings = to == state::open ? openings + 1 : to == state::half_open ? openings : 0;
    open_until.reset();
    calls.clear();
  }

  /// When the first probe of this time in half-open state is due.
  std::optional<instant> due() const {
    for (const auto& [number, one] : probes)
      if (now_in == state::half_open && one.round == changes)
        return one.deadline;
    return std::nullopt;
  }

  void tick(instant now) {
    if (open_until && now >= *open_until)
      return change(state::half_open);
    const auto first = due();
    if (!first || now < *first)
      return;
    for (auto& [number, one] : probes)
      if (one.round == changes && !one.answered && one.deadline <= *first)
        calls.push_back({true, false, now});
    const auto seen = window(now);
    change(reaches(seen, seen.calls) ? state::open : state::closed);
  }

  std::size_t in_flight(instant now) const {
    std::size_t count = 0;
    for (const auto& [number, one] : probes)
      count += !one.answered && one.deadline > now ? 1 : 0;
    return count;
  }

  bool may_probe(instant now) const {
    std::size_t in_round = 0;
    for (const auto& [number, one] : probes)
      in_round += one.round == changes ? 1 : 0;
    return in_round < policy.permitted_probes && in_flight(now) < policy.permitted_probes;
  }

  /// A call with a permit of that generation ended so; `counted` is false for one that was given
  /// up without a word while closed.
  void end(std::uint64_t generation, std::uint64_t number, bool failed, bool slow, bool counted,
           instant now) {
    if (number != 0) {
      const auto found = probes.find(number);
      if (found == probes.end() || std::exchange(found->second.answered, true)
          || generation != changes)
        return;
      calls.push_back({failed, slow, now});
      const auto seen = window(now);
      if (reaches(seen, policy.permitted_probes))
        change(state::open);
      else if (seen.calls == policy.permitted_probes)
        change(state::closed);
      return;
    }
    if (!counted || now_in != state::closed || generation != changes)
      return;
    calls.push_back({failed, slow, now});
    const auto seen = window(now);
    if (seen.calls >= policy.minimum_calls && reaches(seen, seen.calls))
      change(state::open);
  }

  void take_back(std::uint64_t number) {
    const auto found = probes.find(number);
    if (found != probes.end() && !found->second.answered)
      probes.erase(found);
  }

  /// The bounds of the wait that begins now.
  double longest_wait() const {
    return std::min(static_cast<double>(policy.longest_wait_in_open_state.count()),
                    static_cast<double>(policy.wait_in_open_state.count())
                      * std::pow(policy.wait_multiplier, static_cast<double>(openings - 1)));
  }
  double shortest_wait() const { return longest_wait() * (1 - policy.wait_jitter); }
};

} // namespace moor::test
