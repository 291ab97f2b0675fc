// The health monitor's decisions: when the server is looked at, what the pool is cleared for, and
// how the pool and its server are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/machines/round_trips.hpp"
#include "moor/messages/breaker.hpp"
#include "moor/messages/errors.hpp"
#include "moor/messages/health.hpp"
#include "moor/messages/stats.hpp"

namespace moor::machines {

/// Look at the server, on the monitoring connection; make that first if there is none.
struct check_server {};
/// Interrupt the monitoring connection and throw it away.
struct drop_connection {};
/// Have the pool cleared unless it was since that generation.
struct doubt_server {
  failure why;
  std::uint64_t generation = 0;
};
/// Ask the pool how it is.
struct ask_pool {};
/// The state changed.
struct announce_health {
  health_state from = health_state::starting;
  health_state to = health_state::starting;
  instant at{};
  std::vector<std::string> causes;
};

using health_effect
  = std::variant<check_server, drop_connection, doubt_server, ask_pool, announce_health>;
using health_effects = std::vector<health_effect>;

/// Checks (SDAM, "Server Monitoring" and "Error handling"):
/// - Only while the pool is ready: while it is paused, the connector looks for the server, and the
///   monitor waits for its word. One check at a time, on one connection.
/// - A network error or a timeout of a connection that had worked is followed at once by one more
///   check on a new connection. If that fails, too, the pool is cleared.
/// - An answer is a sign of life: a server that is overloaded or refuses a command is not lost, nor
///   is one that refuses credentials or whose certificate is not acceptable. Of these two no more
///   than `retry.attempts` in a row follow at the usual pace, then one for each
///   `retry.longest_delay`.
/// - Another primary than the pool's generation began with clears the pool.
///
/// States: each observation (of a check, and of the pool where there is none) is good, degraded or
/// bad. `failures` in a row worsen the state, `recoveries` in a row mend it; draining and stopped
/// come at once. Time never goes back between events. Used by one thread at a time.
class health {
public:
  static constexpr std::size_t changes_kept = 25;
  /// A check's connection bounds itself by the connect timeout; this is for one that does not.
  static constexpr duration grace = std::chrono::milliseconds{500};

  health(settings config, instant now);

  /// The pool says how it is, because its phase changed or because it was asked.
  void pool_is(const pool_news& news, instant now, health_effects& out);

  /// One of the pool's circuit breakers is in another state.
  void breaker_is(breaker_scope which, const breaker_changed& change, instant now,
                  health_effects& out);

  /// The monitoring connection stands: the check goes on there.
  void dialled(instant now);
  void checked(const server_view& seen, instant now, health_effects& out);
  void check_failed(const failure& why, instant now, health_effects& out);
  /// The check could not be made, which says nothing of the server.
  void check_not_made(instant now, health_effects& out);
  /// The monitoring connection's actor died: that is moor's fault, and another one is made.
  void connection_gone(instant now, health_effects& out);

  /// A new actor took over. What was under way is begun anew if the last one left the middle of it.
  void adopt(bool in_the_middle, instant now, health_effects& out);

  /// Other rules are in force. `rotated`: what connections are made by was changed, so that another
  /// monitoring connection is to be made; a check under way is begun anew.
  void reconfigure(const settings& config, bool rotated, instant now, health_effects& out);

  /// A check may be due or overdue.
  void timer(instant now, health_effects& out);
  /// When `timer` has something to do; `no_deadline` if never.
  instant next_timer() const noexcept;

  health_state state() const noexcept { return state_; }
  instant since() const noexcept { return since_; }
  /// What is wrong now, whether it changed the state yet or not.
  std::vector<std::string> causes() const;
  const std::deque<announce_health>& changes() const noexcept { return changes_; }
  /// Everything but what needs the wall clock: points in time, and the changes.
  health_report report(instant now) const;

private:
  enum class verdict : std::uint8_t { good, degraded, bad };

  bool watches() const noexcept { return config_.health.interval > duration::zero(); }
  bool is_final() const noexcept;
  void begin_check(instant now, health_effects& out);
  void end_check();
  void forget_connection(health_effects& out);
  void doubt(failure why, health_effects& out);
  void schedule(instant now);
  bool only_secondary() const noexcept { return knows_primary_ && !seen_.writable; }
  std::string what_is_bad() const;
  std::vector<std::string> what_degrades() const;
  verdict judge() const;
  void observe(instant now, health_effects& out);
  void change(health_state to, instant now, health_effects& out);

  settings config_;
  health_state state_ = health_state::starting;
  instant since_;
  std::deque<announce_health> changes_;
  struct {
    std::uint32_t good = 0, not_bad = 0, not_good = 0, bad = 0;
  } run_; // observations in a row

  pool_news pool_;
  bool was_ready_ = false;                        // the pool, ever
  std::map<breaker_scope, std::string> breakers_; // those that are open: what they say
  std::optional<failure> lost_;                   // the last check failed for good
  std::optional<doubt_server> doubt_;             // that the pool has not followed yet
  std::string refusal_;                           // the server answered with an error
  std::uint32_t lasting_failures_ = 0;            // checks in a row: credentials, certificates
  server_view seen_;
  bool knows_primary_ = false; // `seen_` is of this generation
  bool connections_were_left_ = false;
  round_trips round_trips_;
  std::uint64_t checks_ = 0;
  std::uint64_t failed_checks_ = 0;

  bool checking_ = false;
  bool worked_ = false; // the monitoring connection answered a check
  instant deadline_ = no_deadline;
  instant next_check_ = no_deadline;
};

} // namespace moor::machines
