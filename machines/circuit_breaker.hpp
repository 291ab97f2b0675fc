// Stops calls that are likely to fail, and finds out by a few probes when they may go on: a state
// machine with the states and words of resilience4j's CircuitBreaker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/machines/call_window.hpp"
#include "moor/machines/probe_book.hpp"
#include "moor/messages/breaker.hpp"
#include "moor/messages/errors.hpp"

namespace moor::machines {

/// Leave to make one call. Its outcome is to be told once, by whoever made the call or, if he died,
/// by whoever saw that; an outcome that comes after the next change of state counts no more.
struct breaker_permit {
  std::uint64_t generation = 0;   ///< changes of state before it was given
  std::uint64_t probe = 0;        ///< number of the probe, from 1; 0 if the call is none
  instant deadline = no_deadline; ///< a probe that was not answered by then has failed
};

struct breaker_refusal {
  breaker_state state = breaker_state::open;
  /// Asking sooner is of no use. While half-open it is a guess, since any probe may decide. Nothing
  /// if only an order can change the state.
  std::optional<duration> retry_after;
};

using breaker_answer = std::variant<breaker_permit, breaker_refusal>;
using breaker_effects = std::vector<breaker_changed>;

/// closed → open → half_open → closed or open again; forced_open and disabled by order.
/// - closed: calls are permitted, and open it when a rate in the window reaches its threshold.
/// - open: calls are refused until the wait ends. It grows each time, until closed again.
/// - half_open: `permitted_probes` calls are permitted, less those that still run from an earlier
///   time in this state. It ends when all are answered, or as soon as too many failed; at the
///   latest `probe_deadline` after the first of them, by what was answered until then. A lost probe
///   failed.
///
/// What is due is done before any other event but an order, so that a late timer changes nothing
/// but the time of a change. Time never goes back between events. Used by one thread at a time.
class circuit_breaker {
public:
  circuit_breaker(const breaker_settings& policy, instant now);

  /// Asks for leave to make a call. `draw` in [0, 1), here and below, is a wait's random share.
  breaker_answer try_acquire(double draw, instant now, breaker_effects& out);

  /// The call succeeded, or failed, after `took`. A failure that says nothing of the server is as
  /// good as a `release` (breaker_rules.hpp).
  void succeeded(const breaker_permit& permit, duration took, double draw, instant now,
                 breaker_effects& out);
  void failed(const breaker_permit& permit, const failure& why, duration took, double draw,
              instant now, breaker_effects& out);

  /// The call was not made, or was ended by moor or its borrower: another may be made in its place.
  void release(const breaker_permit& permit, double draw, instant now, breaker_effects& out);

  /// Who had leave to make the call died, and nobody knows how it ended: a probe is lost.
  void abandon(const breaker_permit& permit, double draw, instant now, breaker_effects& out);

  /// Other rules are in force. What was recorded is kept unless the window is another; a wait and
  /// probes under way go on as they began. An order to the breaker stands unless the configured
  /// mode changed.
  void reconfigure(const breaker_settings& policy, double draw, instant now, breaker_effects& out);

  /// An order. `on` closes the breaker, whatever its state was.
  void set_mode(breaker_mode mode, instant now, breaker_effects& out);

  /// Others have seen that the server is back: if open, probes are permitted at once.
  void end_wait(instant now, breaker_effects& out);

  /// For a call that was permitted without being a probe, since nobody knew when it would end, and
  /// has ended: one that began in this half-open state is as good as a probe, if there is a place.
  breaker_permit as_probe(const breaker_permit& ended, double draw, instant now,
                          breaker_effects& out);

  /// A wait or a probe's deadline may be over.
  void timer(double draw, instant now, breaker_effects& out);

  /// When `timer` has something to do; `no_deadline` if never.
  instant next_timer() const noexcept;

  breaker_state state() const noexcept { return state_; }
  /// The state is that after the last event.
  breaker_figures figures(instant now) const;

private:
  breaker_refusal refuse(std::optional<duration> retry_after);
  void record(const breaker_permit& permit, bool failed, bool slow, double draw, instant now,
              breaker_effects& out);
  void judge_probes(double draw, instant now, breaker_effects& out);
  void end_probing(double draw, instant now, breaker_effects& out);
  bool is_slow(duration took) const;
  std::string excess(const call_counts& seen, std::uint64_t of, const char* noun) const;
  void open(std::string cause, double draw, instant now, breaker_effects& out);
  void close(std::string cause, instant now, breaker_effects& out);
  void change(breaker_state to, std::string cause, duration retry_after, instant now,
              breaker_effects& out);

  breaker_settings policy_;
  breaker_state state_ = breaker_state::closed;
  instant since_;
  call_window window_;
  std::uint32_t openings_ = 0; // since it was closed last
  duration wait_{0};           // in open state
  probe_book probes_;
  std::uint64_t refused_ = 0;
  std::uint64_t transitions_ = 0;
};

} // namespace moor::machines
