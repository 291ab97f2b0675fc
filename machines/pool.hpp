// The connection pool of the Connection Monitoring and Pooling specification (CMAP) as a machine:
// events with their time go in, effects come out. No thread, clock or I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/machines/connection_book.hpp"
#include "moor/machines/controlled_delay.hpp"
#include "moor/machines/pool_effects.hpp"
#include "moor/machines/pool_figures.hpp"
#include "moor/machines/roll_call.hpp"
#include "moor/machines/saturation.hpp"
#include "moor/machines/wait_queue.hpp"
#include "moor/messages/stats.hpp"

namespace moor::machines {

/// Used by one thread at a time. Every event appends to `out`; time never goes back between events.
///
/// Where it departs from CMAP: a request is not tied to the connection being established for it. It
/// stays in the queue, takes whatever becomes free first, and leaves at its deadline in any case.
/// So none is created on demand while as many are being established or pinged as requests wait.
class pool {
public:
  /// `address` is the server's, for error texts.
  pool(const settings& config, std::string address, instant now, pool_effects& out);

  // -- borrowers ---------------------------------------------------------------------------------

  /// Asks for a connection by `deadline`. `request` must be greater than every earlier one.
  /// `read_only`: it needs no primary. Others are refused at once while there is none.
  void check_out(request_id request, priority level, bool read_only, instant deadline, instant now,
                 pool_effects& out);

  /// A lease came back; `why` says that its connection met an error. Returns false, and does
  /// nothing, if that lease is not out.
  bool check_in(lease_id lease, const std::optional<failure>& why, instant now, pool_effects& out);

  /// Takes a lease's connection away from its borrower, who keeps it for too long. Returns false,
  /// and does nothing, if that lease is not out.
  bool revoke(lease_id lease, const failure& why, instant now, pool_effects& out);

  /// Who asked for a connection is gone.
  void withdraw(request_id request, instant now, pool_effects& out);

  /// Asks for `count` established connections by `deadline`.
  void warm(request_id request, std::uint64_t count, instant deadline, instant now,
            pool_effects& out);

  // -- connections -------------------------------------------------------------------------------

  /// `draw` in [0, 1) decides by how much the connection's lifetime is shortened. `read_only`: no
  /// member that takes writes was found for it; in a generation that began with one it fails, and
  /// clears the pool.
  void established(connection_id id, double draw, bool read_only, instant now, pool_effects& out);
  void establishing_failed(connection_id id, const failure& why, instant now, pool_effects& out);
  void check_passed(connection_id id, instant now, pool_effects& out);
  void check_failed(connection_id id, const failure& why, instant now, pool_effects& out);

  /// A connection that was told to close is gone, from the server's view too.
  void closed(connection_id id, instant now, pool_effects& out);

  /// The actor of an established connection died, whatever it was doing.
  void lost(connection_id id, const failure& why, instant now, pool_effects& out);

  // -- the pool itself ---------------------------------------------------------------------------

  /// A new pool supervisor took over with these books. After a clean end there is nothing to mend,
  /// and nothing happens.
  void adopt(const roll& there, instant now, pool_effects& out);

  /// `read_only`: no member takes writes, and so it is for the whole generation. A pool that is
  /// ready otherwise is cleared instead, and the server looked for anew.
  void ready(bool read_only, instant now, pool_effects& out);
  /// `why` is absent if somebody asked for it.
  void clear(bool interrupt_in_use, const std::optional<failure>& why, instant now,
             pool_effects& out);
  /// While it is paused: what keeps the server away now.
  void still_lost(const failure& why);
  void close(instant now, pool_effects& out);
  /// Refuses everything new; reports and closes once no lease is out, or at `deadline`.
  void drain(request_id request, instant deadline, instant now, pool_effects& out);

  /// How well the server is, in the view of whoever watches it. While degraded, `background`
  /// requests are refused, `normal` ones beyond a share of the queue, and the critical reserve is
  /// kept.
  void set_degraded(degradation level, instant now, pool_effects& out);

  /// Other settings are in force, for what waits and what is there, too; a lease is never cut.
  ///
  /// - A smaller maximum: available connections are closed at once, the longest idle first, then
  ///   what is being established is given up; those in use are closed as they come back.
  /// - A smaller limit of the queue: whoever waits goes on to.
  /// - `rotated`: what connections are made by was changed, and one of the new kind has just been
  ///   seen to work. Those of before go on, and are replaced by new ones, at most `max_connecting`
  ///   at a time, as far as there is room before they are closed; what is left of them after
  ///   `rotation_period` is closed when next met.
  void reconfigure(const settings& config, bool rotated, instant now, pool_effects& out);

  /// Does what time alone brings: answers whose deadline is over by `now`, sheds who waited too
  /// long in an overload, notices saturation.
  void expire(instant now, pool_effects& out);

  /// A background run: closes available connections that perished, pings those due for keepalive,
  /// populates up to the minimum. (CMAP, "Background Thread")
  void run_background(instant now, pool_effects& out);

  // -- observers ---------------------------------------------------------------------------------

  /// When `expire` has something to do; `no_deadline` if never.
  instant next_deadline() const;
  pool_phase phase() const noexcept;
  /// Whether the generation began without a member that takes writes.
  bool read_only() const noexcept { return read_only_; }
  /// Everything but the connector's counters.
  pool_stats stats() const;
  /// What happened so far.
  const pool_figures& figures() const noexcept { return figures_; }
  /// How long the first of those that wait has waited.
  duration oldest_wait(instant now) const;
  std::vector<connection_view> connections(instant now) const;
  /// Whether a ping is under way there.
  bool is_checking(connection_id id) const;

private:
  struct warm_request {
    request_id request = 0;
    std::uint64_t count = 0;
    instant deadline = no_deadline;
  };
  struct drain_request {
    request_id request = 0;
    instant deadline = no_deadline;
    std::uint64_t returned = 0; // before it began, as is the next
    std::uint64_t revoked = 0;
  };

  /// Every event begins with it: time has passed, and with it deadlines.
  void begin(instant now, pool_effects& out);
  void end_overdue();
  void pass_time();
  void publish(event_type type, pool_event event = {});
  void refuse(const waiter& w, failure why, event_reason reason);
  void refuse(request_id request, failure why);
  void refuse_warms(const failure& why);
  void refuse_all(const failure& why, event_reason reason);

  void join_queue(const waiter& w);
  bool is_for_primary(const waiter& w) const noexcept { return read_only_ && !w.read_only; }
  void fail_attempt(connection_id id, const failure& why);
  void dispatch();
  void serve_from_available();
  void grant_to_first(connection_entry& e);
  void establish_on_demand();
  void populate();
  connection_id create();
  void report_warm_requests();

  void close_entry(connection_id id, event_reason reason);
  void cut_entry(connection_id id, event_reason reason, const failure& why);
  void keep_or_close(connection_entry& e);
  void close_all_available(event_reason reason);
  void cut_all_available(event_reason reason, const failure& why);
  void abandon_all_pending(event_reason reason);
  void do_clear(bool interrupt_in_use, const std::optional<failure>& why);
  void do_close();
  void cut_in_use(event_reason reason, const failure& why);
  bool is_full() const { return connections_.total() + closing_.size() >= config_.max_pool_size; }
  bool has_surplus() const { return connections_.total() > config_.max_pool_size; }
  void finish_drain_if_empty();
  void report_drains();

  // Other settings: pool_reload.cpp.
  static std::uint64_t reserve_of(const settings& s);
  void close_surplus();
  void refuse_unreachable_warms();
  std::uint64_t replacements_coming() const;
  std::vector<connection_id> outdated_available() const;
  void replace_outdated();
  void close_replaced();

  // Shedding and saturation: pool_shedding.cpp.
  bool anybody_sheddable() const;
  const waiter* next_to_shed() const;
  instant sheds_at(const waiter& w) const;
  void shed_overdue();
  void shed(const waiter& w, failure why, std::uint64_t& by_rule);
  std::optional<failure> refusal_while_degraded(priority level) const;
  bool is_kept_from(const waiter& w) const;
  load current_load() const;
  void watch_load();

  void adopt_connections(const roll& there);
  void adopt_leases(const roll& there);
  void adopt_requests(const roll& there);
  void give_lost_orders(const roll& there);

  bool serving() const noexcept { return ready_ && !closed_ && drains_.empty(); }
  failure refusal() const;

  settings config_;
  std::string address_;
  instant created_;
  instant now_;
  pool_effects* out_ = nullptr; // of the event being handled

  bool ready_ = false;
  bool closed_ = false;
  bool read_only_ = false; // only ever while `ready_`
  // Establishing failed: a failure must not be repeated at full speed, so population waits for the
  // next background run, or for anything that shows that the server is there.
  bool population_rests_ = false;
  std::uint64_t generation_ = 0;
  std::string clear_cause_;
  failure_cause cleared_for_ = failure_cause::other;

  connection_book connections_;
  bool rotating_ = false; // some of them may be outdated
  // Closed, but their server still counts them; so they count towards the maximum.
  std::unordered_set<connection_id> closing_;
  std::unordered_map<lease_id, connection_id> leases_;
  std::unordered_set<lease_id> critical_leases_; // those of `leases_` granted to critical requests
  wait_queue waiting_;
  degradation degradation_ = degradation::none;
  bool critical_seen_ = false; // asked for by anybody ever: nothing is kept from others before
  std::uint64_t reserve_;      // connections kept for critical requests, when they are
  controlled_delay delay_;
  saturation saturation_;
  std::vector<warm_request> warms_;   // at most the wait queue's limit, as are the drains
  std::vector<drain_request> drains_; // none without a lease out
  lease_id last_lease_ = 0;
  pool_figures figures_;
  pool_stats totals_; // only the counters that never go back
};

} // namespace moor::machines
