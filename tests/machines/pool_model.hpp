// What must be true of a pool, seen from outside: from what it is told and what it does about it.
//
// The model keeps no queue and decides nothing. It knows who waits, who holds what and where every
// connection is, and judges each effect by that: might the pool do this, now? After each event it
// asks what the pool left undone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "machines/pool_input.hpp"

namespace moor::test {

/// A rule of the pool was broken; `what` says which, and for whom.
class broken_rule : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

class pool_model {
public:
  explicit pool_model(const settings& config)
    : config_(config),
      most_connections_(config.max_pool_size),
      most_dials_(config.max_connecting),
      most_wishes_(config.wait_queue_limit),
      most_warms_(config.wait_queue_limit),
      most_drains_(config.wait_queue_limit) {}

  /// The pool is about to be told.
  void before(const pool_input& in);
  /// One thing it did, in order. Throws broken_rule.
  void take(const machines::pool_effect& effect);
  /// It did all it would. Throws broken_rule.
  void after(const machines::pool& pool);
  /// After everything ended. Throws broken_rule if anything is left.
  void require_nothing_left() const;

  bool closed() const { return closed_; }

private:
  enum class place : std::uint8_t { created, dialled, idle, pinged, lent };

  struct known_connection {
    place at = place::created;
    std::uint64_t generation = 0;
    instant idle_since{};
    instant proven_at{};
    instant ready_at{};
    double draw = 0; // by how much its lifetime is shortened
    instant expires = no_deadline;
    lease_id lease = 0;
    bool outdated = false;
    bool doomed = false; // to be closed before this event is over
  };
  struct wish { // a check-out that waits
    priority level = priority::normal;
    instant since{};
    instant deadline = no_deadline;
    bool read_only = false;
  };
  struct warm_wish {
    std::uint64_t count = 0;
    instant deadline = no_deadline;
  };
  struct drain_wish {
    instant deadline = no_deadline;
    std::uint64_t out = 0; // when it began, as is the next
    std::uint64_t returned = 0;
  };
  /// The order that must follow the event just published.
  struct expected_order {
    connection_id closed = 0; // to be closed or, if it had a lease, to be cut
    lease_id lease = 0;
    std::optional<machines::grant> granted;
    request_id refused = 0;
    event_reason reason = event_reason::none;
    bool waited_too_long = false; // of what was shed: by which rule it may have been
    bool degraded = false;
    bool for_primary = false; // of what was refused: there is none
    bool seek_server = false;
  };

  // -- the world
  bool serving() const { return ready_ && !closed_ && drains_.empty(); }
  bool drain_is_due() const;
  bool is_about(input_kind kind, connection_id id) const {
    return in_.kind == kind && in_.connection == id;
  }
  std::uint64_t count(place where) const;
  std::uint64_t count(place where, std::uint64_t generation) const;
  std::uint64_t dialled() const { return count(place::created) + count(place::dialled); }
  std::uint64_t coming() const; // of this generation, dialled or pinged
  bool is_full() const { return connections_.size() + closing_.size() >= config_.max_pool_size; }
  std::uint64_t wanted() const; // connections, whoever asks for any
  bool is_for_primary(const wish& w) const { return read_only_ && !w.read_only; }
  bool is_sound(const known_connection& c) const;
  instant end_of(const known_connection& c) const;
  bool has_surplus() const { return connections_.size() > config_.max_pool_size; }
  // How it follows other settings: pool_model_reload.cpp.
  void follow(const pool_input& in);
  void narrow_bounds();
  std::uint64_t outdated_idle() const;
  std::uint64_t replacements() const; // being dialled
  bool may_replace(connection_id id) const;
  void check_rotation() const;
  bool is_fresh(const known_connection& c) const;
  request_id first_in_line() const;
  instant earliest_deadline() const;
  // How it sheds: pool_model_shedding.cpp.
  std::uint64_t wishes_of(priority level) const;
  bool is_overloaded() const;
  instant sheds_at(const wish& w) const;
  instant next_shedding() const;
  bool is_refused_while_degraded(const wish& w) const;
  bool is_kept_from(priority level, degradation at) const;
  bool is_exhausted() const;
  instant oldest_wish() const;
  instant next_saturation() const;

  // -- effects
  void on(const machines::grant& e);
  void on(const machines::refuse& e);
  void on(const machines::open_connection& e);
  void on(const machines::abandon_connection& e);
  void on(const machines::ping_connection& e);
  void on(const machines::close_connection& e);
  void on(const machines::cut_connection& e);
  void on(const machines::publish& e);
  void on(const machines::seek_server& e);
  void on(const machines::report_warm& e);
  void on(const machines::report_drained& e);
  void on(const machines::saturated& e);
  void on(const machines::relieved& e);
  bool may_refuse_check_out(errc code) const;
  void count_shed(const machines::refuse& e);
  bool may_refuse_warm(const warm_wish& w, errc code) const;

  // -- events
  void on_cleared(const pool_event& e);
  void on_closed(const pool_event& e);
  void on_created(const pool_event& e);
  void on_connection_ready(const pool_event& e);
  void on_connection_closed(const pool_event& e);
  void on_started(const pool_event& e);
  void on_failed(const pool_event& e);
  void on_checked_out(const pool_event& e);
  void on_checked_in(const pool_event& e);
  bool may_close(connection_id id, const known_connection& c, event_reason why) const;
  bool may_close_for_error(connection_id id, const known_connection& c) const;
  bool may_fail(const wish& w, event_reason why) const;

  // -- what was left undone
  void check_state() const;
  void check_orders_given() const;
  void check_answers() const;
  void check_bounds() const;
  void check_connections() const;
  void check_progress() const;
  void check_population() const;
  void check_stats(const pool_stats& s) const;
  void check_load() const;

  settings config_;
  // What was there when a bound was lowered may stay, and no more may come.
  std::uint64_t most_connections_;
  std::uint64_t most_dials_;
  std::uint64_t most_wishes_;
  std::uint64_t most_warms_;
  std::uint64_t most_drains_;
  instant rotation_ends_ = no_deadline;
  pool_input in_;
  instant now_{};

  // Of the event being handled.
  connection_id last_before_ = 0;  // the last connection created before it
  connection_id late_arrival_ = 0; // established, but not wanted any more
  std::uint64_t generation_before_ = 0;
  std::uint64_t next_generation_ = 0; // after it
  bool rested_before_ = false;
  errc dial_error_{};
  bool dial_failed_ = false; // and that dial was of this generation
  bool dial_blamed_ = false; // and a request was refused for it
  bool exhausted_before_ = false;
  bool time_took_ = false; // somebody out of the queue, before anything else happened
  degradation degradation_before_ = degradation::none;

  bool exists_ = false;
  bool ready_ = false;
  bool closed_ = false;
  bool read_only_ = false; // the generation
  bool population_rests_ = false;
  std::uint64_t generation_ = 0;
  degradation degradation_ = degradation::none;
  bool critical_seen_ = false;
  instant in_time_{}; // when somebody was last served in time, or none waited who might be shed
  std::optional<instant> saturated_since_;

  std::map<connection_id, known_connection> connections_;
  std::set<connection_id> closing_; // told to close, and not gone
  std::map<lease_id, connection_id> leases_;
  std::set<lease_id> critical_leases_;
  std::map<request_id, wish> wishes_;
  std::map<request_id, warm_wish> warms_;
  std::map<request_id, drain_wish> drains_;
  expected_order expected_;
  connection_id last_connection_ = 0;
  lease_id last_lease_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t failed_ = 0;
  pool_stats totals_; // granted, returned, revoked, timed_out, refused, shed, errors
};

/// Throws broken_rule with the rule and the number of whom it concerns unless `holds`.
void require(bool holds, const char* rule, std::uint64_t whom = 0);

} // namespace moor::test
