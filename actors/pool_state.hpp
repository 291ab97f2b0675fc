// What a pool supervisor knows, whichever actor it is at the moment: stamps the time, feeds the
// machine, carries out its effects.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>

#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/alarm.hpp"
#include "moor/actors/borrowers.hpp"
#include "moor/actors/effect_list.hpp"
#include "moor/actors/event_publisher.hpp"
#include "moor/actors/handover.hpp"
#include "moor/actors/job_desk.hpp"
#include "moor/actors/lease_book.hpp"
#include "moor/actors/link_table.hpp"
#include "moor/actors/operation_log.hpp"
#include "moor/actors/pool_supervisor.hpp"
#include "moor/actors/retry_desk.hpp"
#include "moor/actors/send_as.hpp"
#include "moor/machines/breaker_gate.hpp"
#include "moor/machines/line_limiter.hpp"
#include "moor/machines/pool.hpp"

namespace moor::actors {

/// It outlives its actors: one begins with `take_over`, the last is followed by `end`. Used on the
/// thread of the actor of the moment only. What borrowers ask is in pool_requests.cpp, what other
/// parts tell in pool_news.cpp, what the machine orders in pool_orders.cpp, what it shows of itself
/// in pool_view.cpp.
class pool_state {
public:
  static constexpr const char* name = "pool supervisor";
  static constexpr const char* actor_name = "moor.pool";
  using self_ptr = pool_supervisor_actor::pointer;

  pool_state(caf::actor_system& system, pool_supervisor_options options,
             caf::weak_actor_ptr address, std::shared_ptr<inbox> box);
  ~pool_state();

  /// Starts an actor that works with this memory.
  static pool_supervisor_actor spawn(caf::actor_system& system, std::shared_ptr<pool_state> memory,
                                     std::shared_ptr<inbox> box, bool in_the_middle);

  /// A new actor begins. `in_the_middle`: the last one died of an exception.
  void take_over(self_ptr self, bool in_the_middle);

  /// No actor will come any more: everybody is answered, every connection closed.
  void end(const caf::error& why);

  // -- from borrowers ----------------------------------------------------------------------------

  void on(acquire& request);
  void on(const run& request);
  void on(command& request);
  void on(const warm& request);
  void on(const drain& request);
  void on(const clear& request);
  void on(const close_pool& request);
  void on(const subscribe& request);
  void on(const unsubscribe& request);
  void on(const set_breaker& request);
  void on(lease_returned& message);
  pool_stats stats() const;
  breaker_figures breaker() const { return gate_.figures(now()); }

  // -- from connections, the connector and the supervisor ----------------------------------------

  void on(job_done& message);
  void on(const check_done& message);
  void on(established& message);
  void on(const establishing_failed& message);
  void on(const server_found& message);
  void on(const server_lost& message);
  void on(const breaker_moved& message);
  void on(const slow_command& message);
  void on(const use_connector& message);
  void on(const use_monitor& message);
  void on(const report_to_monitor& message);
  void on(const server_doubted& message);
  void on(const health_note& message);
  void on(const part_restarted& message);
  void on(const tick& message);
  void on_down(const caf::actor_addr& who);

  void on(const extend_lease& message);
  void on(const call_the_roll& message);
  void on(const tell_borrower& message);
  void on(const revoke_lease& message);
  void on(const use_leak_detector& message);
  void on(const use_supervisor& message) { supervisor_ = message.supervisor; }
  void on(const reconfigure& message);

  operations_report operations(const get_operations& request) const;
  pool_view view() const;
  leases_report leases() const;
  parts connections() const;
  const connector_actor& connector() const noexcept { return connector_; }
  const monitor_actor& health_monitor() const noexcept { return monitor_; }
  const leak_detector_actor& leak_detector() const noexcept { return detector_; }
  /// Null if it was ended.
  supervisor_actor supervisor() const;
  /// Why the pool takes no other settings any more, if so.
  std::optional<failure> refusal_of_reload() const;
  void before_message() {
    pass(options_.may_fail, name);
    look_at_clock();
  }
  const std::shared_ptr<mongo::fiber_lane>& lane() const noexcept { return options_.lane; }

private:
  /// What a request gets when its turn comes: a lease, or its work done.
  struct waiting {
    ticket answer;
    std::unique_ptr<work_item> work;       // null for acquire, warm and drain
    std::optional<machines::waiter> place; // in the wait queue; absent for warm and drain
    std::string operation = {};            // of whoever is to hold a connection
    std::uint32_t attempt = 1;             // which one this is, of `work`
    duration slow_after{0};                // of a lease's commands; 0 = the pool's own
    lease_terms terms = {};                // of a lease
  };

  /// Once for each message, since its time is taken many times.
  void look_at_clock() { now_ = self_->clock().now(); }
  instant now() const noexcept { return now_; }
  double draw() { return std::uniform_real_distribution<>{}(random_); }
  caf::execution_unit* context() const { return self_ != nullptr ? self_->context() : nullptr; }

  /// Where the results of work are sent in.
  caf::execution_unit* for_results();

  template <class Request>
  void on_work(Request& request);
  void check_out(waiting w, priority level, bool read_only, instant deadline);
  request_id admit(ticket answer);
  /// Keeps what failed for another attempt; if there is to be none, `why` says why.
  bool try_again(request_id request, task& t, failure& why);
  void begin_again(request_id before, task t);
  void end_retries_if_over();
  ticket take_ticket(request_id request);
  void send_next_job(lease_id lease);
  void settle(lease_id lease);
  void lend(const machines::grant& g, waiting w);
  void observe(connection_id id, link& l);
  void withdraw(request_id request);
  void interrupt(const job_desk::ended_early& task);
  void on_connection_down(connection_id id);
  void on_closed(const caf::actor_addr& who);
  /// The news of a death may have died with the last actor; of the dead it comes once more.
  void watch_everybody();
  machines::roll roll(bool in_the_middle) const;
  void adopt_calls(const machines::roll& there);
  void note(const failure& why);
  /// Sends the monitor what changed, if anything did.
  void tell_monitor();
  /// The detector does not look while nobody borrows, and is called when somebody does again.
  void wake_detector();
  bool unwell() const;
  /// With the states that led to it, while there is something to say of them.
  caf::error explained(const failure& why) const;
  /// " (unavailable for 3.2 s: the cause)"; empty if there is nothing to say.
  std::string health_words() const;
  void publish(breaker_scope scope, const breaker_changed& change);
  void say(log_level level, const std::string& line) const;

  template <class Handle, class Message>
  void send(const Handle& to, Message what) {
    send_as(address_, to, std::move(what), context());
  }

  void finish();
  void apply(const machines::grant& e);
  void apply(const machines::refuse& e);
  void apply(const machines::open_connection& e);
  void apply(const machines::abandon_connection& e);
  void apply(const machines::ping_connection& e);
  void apply(const machines::close_connection& e);
  void apply(const machines::cut_connection& e);
  void apply(const machines::publish& e);
  void apply(const machines::seek_server& e);
  void apply(const machines::report_warm& e);
  void apply(const machines::report_drained& e);
  void apply(const machines::saturated& e);
  void apply(const machines::relieved& e);

  caf::actor_system& system_;
  pool_supervisor_options options_;
  caf::weak_actor_ptr address_;
  std::shared_ptr<inbox> box_;
  self_ptr self_ = nullptr; // the actor of the moment
  instant now_{};           // when the message in hand came to be handled

  std::optional<machines::pool> machine_;
  effect_list<machines::pool_effect> effects_;
  machines::breaker_gate gate_; // requests by their numbers, work by its lease
  machines::breaker_effects breaker_changes_;
  event_publisher publisher_;
  connector_actor connector_;
  monitor_actor monitor_; // null where there is none, as the next
  leak_detector_actor detector_;
  bool detector_rests_ = false; // the roll that it got last was empty
  caf::weak_actor_ptr supervisor_;
  std::uint64_t revision_ = 0;     // of the driver in force
  std::optional<pool_phase> told_; // to the monitor
  std::string clear_cause_;
  machines::line_limiter clear_lines_{10, std::chrono::seconds{10}};
  health_note health_;
  connector_counters counters_;
  std::uint64_t restarts_ = 0;

  std::unordered_map<request_id, waiting> requests_;
  request_id last_request_ = 0;
  borrowers borrowers_;
  guest_turns as_guests_;
  job_desk jobs_;
  lease_book leases_; // those that borrowers hold
  retry_desk retries_;
  std::shared_ptr<operation_log> operations_; // told by the connections, on their users' threads
  link_table links_;
  std::unordered_map<connection_id, connection_actor> closing_; // until their actors' ends
  std::unordered_set<connection_id> ordered_; // from the connector, and not heard of since
  std::unordered_set<connection_id> pinging_;

  std::deque<breaker_change> breaker_history_; // the latest 25
  std::string last_spoiler_;
  std::chrono::system_clock::time_point last_spoiler_at_{};
  alarm alarm_;
  instant next_background_ = no_deadline;
  std::mt19937_64 random_;
};

} // namespace moor::actors
