// A circuit breaker and the calls it gave leave to: who asks, who is at work, how it ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "moor/machines/circuit_breaker.hpp"

namespace moor::machines {

/// Requests ask for leave under their number; one that gets what it waits for goes on as work,
/// under a number of its own. Every function that knows no such number does nothing, so that an end
/// may be told twice. Used by one thread at a time.
class breaker_gate {
public:
  breaker_gate(breaker_scope scope, const breaker_settings& policy, instant now)
    : scope_(scope), breaker_(policy, now) {}

  /// Asks for leave. Otherwise the request is to be refused with this.
  std::optional<failure> admit(std::uint64_t request, double draw, instant now,
                               breaker_effects& out);

  /// The request will not be served: the server was not asked.
  void release(std::uint64_t request, double draw, instant now, breaker_effects& out);

  /// The request is served; its work is one call of the server.
  void begin(std::uint64_t request, std::uint64_t work, instant now);

  /// The request is served with a connection for its borrower, who may hold it for as long as he
  /// likes: that is never slow, and no probe before it ended, since a probe must end.
  void begin_hold(std::uint64_t request, std::uint64_t work, double draw, instant now,
                  breaker_effects& out);

  /// The work ended, with what spoilt its connection if anything did.
  void end(std::uint64_t work, const std::optional<failure>& why, double draw, instant now,
           breaker_effects& out);

  /// The work was ended from outside.
  void abandon(std::uint64_t work, double draw, instant now, breaker_effects& out);

  /// A new actor took over: whoever is in none of its books is gone.
  void adopt(const std::unordered_set<std::uint64_t>& requests,
             const std::unordered_set<std::uint64_t>& work, double draw, instant now,
             breaker_effects& out);

  void set_mode(breaker_mode mode, instant now, breaker_effects& out);
  void reconfigure(const breaker_settings& policy, double draw, instant now, breaker_effects& out) {
    breaker_.reconfigure(policy, draw, now, out);
  }
  void end_wait(instant now, breaker_effects& out) { breaker_.end_wait(now, out); }
  void timer(double draw, instant now, breaker_effects& out) { breaker_.timer(draw, now, out); }
  instant next_timer() const noexcept { return breaker_.next_timer(); }
  breaker_figures figures(instant now) const { return breaker_.figures(now); }

private:
  struct call {
    breaker_permit permit;
    std::optional<instant> since; // absent if it cannot be slow
  };

  using calls = std::unordered_map<std::uint64_t, call>;

  failure refusal(const breaker_refusal& why) const;
  void go_on(calls::node_type asked, std::uint64_t work);

  breaker_scope scope_;
  circuit_breaker breaker_;
  calls asking_;
  calls working_;
};

} // namespace moor::machines
