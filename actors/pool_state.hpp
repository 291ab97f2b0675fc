// The pool supervisor's state: stamps the time, feeds the machine, carries out its effects.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <variant>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/alarm.hpp"
#include "moor/actors/event_publisher.hpp"
#include "moor/actors/job_desk.hpp"
#include "moor/actors/link_table.hpp"
#include "moor/actors/pool_supervisor.hpp"
#include "moor/machines/pool.hpp"

namespace moor::actors {

/// Used on the pool supervisor's thread only.
class pool_state {
public:
  static constexpr const char* name = "moor.pool";
  using self_ptr = pool_supervisor_actor::stateful_pointer<pool_state>;

  explicit pool_state(self_ptr self) : self_(self) {}

  /// Called once, before any other.
  void init(pool_supervisor_options options, caf::weak_actor_ptr front);

  // -- from borrowers ----------------------------------------------------------------------------

  void on(acquire& request);
  void on(run& request);
  void on(command& request);
  void on(const warm& request);
  void on(const drain& request);
  void on(const clear& request);
  void on(const close_pool& request);
  void on(const subscribe& request);
  void on(const unsubscribe& request);
  void on(lease_returned& message);
  pool_stats stats() const;

  // -- from connections and the connector --------------------------------------------------------

  void on(job_done& message);
  void on(const check_done& message);
  void on(established& message);
  void on(const establishing_failed& message);
  void on(const server_found& message);
  void on(const server_lost& message);
  void on(use_connector& message);
  void on(const tick& message);
  void on_down(const caf::actor_addr& who);

private:
  /// What a request gets when its turn comes: a lease, or its work done.
  struct waiting {
    ticket answer;
    std::optional<std::variant<run, command>> work; // absent for acquire, warm and drain
    instant deadline = no_deadline;
  };

  instant now() const { return self_->clock().now(); }
  double draw() { return std::uniform_real_distribution<>{}(random_); }

  template <class Request>
  void on_work(Request& request);
  void check_out(waiting w, priority level);
  request_id admit(waiting w);
  void send_next_job(lease_id lease);
  void settle(lease_id lease);
  void note(const failure& why);
  void note(const connector_counters& counters);

  void finish();
  void apply(machines::grant& e);
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
  void apply(machines::pool_effect& e);
  ticket take_ticket(request_id request);
  void lend(const machines::grant& g, ticket answer);

  self_ptr self_;
  pool_supervisor_options options_;
  caf::weak_actor_ptr front_;
  std::optional<machines::pool> machine_;
  machines::pool_effects effects_;
  std::optional<event_publisher> publisher_;
  connector_actor connector_;
  connector_counters counters_;

  std::unordered_map<request_id, waiting> requests_;
  request_id last_request_ = 0;
  job_desk jobs_;
  link_table links_;

  std::string last_spoiler_;
  std::chrono::system_clock::time_point last_spoiler_at_{};
  alarm alarm_;
  instant next_background_ = no_deadline;
  std::mt19937_64 random_;
};

} // namespace moor::actors
