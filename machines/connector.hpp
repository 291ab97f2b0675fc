// Finding the server and finding it again: a state machine with exponential backoff.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/messages/errors.hpp"

namespace moor::machines {

/// Establish a connection of the connector's own, then throw it away. (The server check of SDAM.)
struct probe {};
/// The server is there: ready the pool. `again` if it had been lost; `read_only` if no member takes
/// writes.
struct announce_found {
  bool again = false;
  bool read_only = false;
};
/// The server is gone: clear the pool.
struct announce_lost {
  failure why;
};
/// The server is still gone, but for another reason than what was said before: a lasting one, or no
/// longer that.
struct announce_cause {
  failure why;
};
/// The initial phase failed; the connector rests until it is started anew.
struct give_up {
  failure why;
  std::uint64_t attempts = 0;
};

using connector_effect
  = std::variant<probe, announce_found, announce_lost, announce_cause, give_up>;
using connector_effects = std::vector<connector_effect>;

/// idle → starting → connected ⇄ verifying, and from both to reconnecting and back to connected.
/// - starting: at most `retry.attempts` probes with backoff between them, then it gives up; at once
///   if the failure is lasting: the same credentials will be refused again.
/// - connected: nothing to do; but if only secondaries were found, probes go on as in reconnecting
///   until one meets a primary. Then, as when one misses it, the pool is cleared and readied anew.
/// - verifying: a connection could not be established; one probe tells whether the server is lost.
/// - reconnecting: probes without end, the delay growing to `retry.longest_delay`; while nobody
///   answers, no faster than the outage does (`retry.reconnect_share`).
/// A failure that lasts until somebody mends credentials, a certificate or settings is not met more
/// than `retry.attempts` times with the delays of the backoff; after that there is one probe for
/// each `retry.longest_delay`, until one succeeds.
/// At most one probe is in flight. Used by one thread at a time.
class connector {
public:
  enum class phase : std::uint8_t { idle, starting, connected, verifying, reconnecting };

  explicit connector(const retry_settings& policy) : policy_(policy) {}

  /// Somebody wants the server found.
  void start(connector_effects& out);
  /// `read_only`: no member that takes writes was found. `draw` in [0, 1), here and below, is the
  /// random share of a delay.
  void probe_succeeded(bool read_only, double draw, instant now, connector_effects& out);
  void probe_failed(const failure& why, double draw, instant now, connector_effects& out);

  /// How establishing a connection of the pool's ended.
  void establishing_succeeded();
  void establishing_failed(const failure& why, double draw, instant now, connector_effects& out);

  /// The pool was cleared, by an operation's error or because somebody asked for it.
  void pool_cleared(double draw, instant now, connector_effects& out);

  /// A new actor took over; `probe_is_under_way` says whether one is on the line. What the last one
  /// meant to say is said again if it may not have been heard.
  void adopt(bool probe_is_under_way, bool words_may_be_lost, double draw, instant now,
             connector_effects& out);

  /// Other rules are in force: a delay is no longer than they allow. `rotated`: what probes are
  /// made by was changed, and one of the new kind has just succeeded; so a server that is looked
  /// for is probed at once, and the failure of a probe that is under way says nothing.
  void reconfigure(const retry_settings& policy, bool rotated, instant now, connector_effects& out);

  /// A delay may be over.
  void timer(instant now, connector_effects& out);

  /// When `timer` has something to do; `no_deadline` if never.
  instant next_probe() const noexcept { return next_probe_; }
  phase current() const noexcept { return phase_; }
  /// Whether no member took writes when the server was found last.
  bool read_only() const noexcept { return read_only_; }

private:
  void send_probe(connector_effects& out);
  void wait(double draw, instant now);
  void wait_for_return(const failure& why, double draw, instant now);
  void note_cause(const failure& why, connector_effects& out);
  void lose(const failure& why, double draw, instant now, connector_effects& out);
  void change_primary(bool read_only, instant now, connector_effects& out);

  retry_settings policy_;
  phase phase_ = phase::idle;
  bool probing_ = false;
  bool outdated_ = false; // the probe that is under way
  bool was_connected_ = false;
  bool read_only_ = false;                  // as it was found last
  bool unheard_ = false;                    // the pool may not have heard that the server was found
  failure last_;                            // that a probe met
  failure said_;                            // what the server was said to be gone for
  std::uint64_t attempts_ = 0;              // of the initial phase
  std::uint32_t failures_ = 0;              // probes in a row
  std::uint32_t lasting_failures_ = 0;      // probes since the last success
  bool establishing_lasts_ = false;         // the last of the pool's failed for a lasting cause
  std::uint32_t establishing_failures_ = 0; // in a row, whatever the probes said
  instant next_probe_ = no_deadline;
  instant lost_at_{}; // the server or its primary, while one of them is looked for
};

} // namespace moor::machines
