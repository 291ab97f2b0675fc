// What a health monitor knows, whichever actor it is at the moment.
#pragma once

#include <memory>
#include <optional>

#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/alarm.hpp"
#include "moor/actors/effect_list.hpp"
#include "moor/actors/health_publisher.hpp"
#include "moor/actors/link_table.hpp"
#include "moor/actors/monitor.hpp"
#include "moor/actors/send_as.hpp"
#include "moor/actors/state_lines.hpp"
#include "moor/machines/health.hpp"

namespace moor::actors {

/// It outlives its actors, as the monitoring connection does. Used on the thread of the actor of
/// the moment only.
class monitor_state {
public:
  static constexpr const char* name = "health monitor";
  static constexpr const char* actor_name = "moor.health";
  using self_ptr = monitor_actor::pointer;

  /// Addresses are held weakly: a handle to the pool would keep the pool alive.
  monitor_state(caf::actor_system& system, monitor_options options, caf::weak_actor_ptr address,
                caf::weak_actor_ptr pool, std::shared_ptr<inbox> box);
  ~monitor_state();

  /// Starts an actor that works with this memory.
  static monitor_actor spawn(caf::actor_system& system, std::shared_ptr<monitor_state> memory,
                             std::shared_ptr<inbox> box, bool in_the_middle);

  /// A new actor begins. `in_the_middle`: the last one died of an exception.
  void take_over(self_ptr self, bool in_the_middle);

  /// No actor will come any more: the monitoring connection is cut.
  void end(const caf::error& why);

  health_report report() const;
  bool healthy() const { return machine_->state() == health_state::healthy; }

  void on(const subscribe_health& request);
  void on(const unsubscribe_health& request);
  void on(const pool_news& news);
  void on(const breaker_news& news);
  void on(const dialled& message);
  void on(const examined& message);
  void on(const reconfigure& message);
  void on(const tick& message);
  void on_down(const caf::actor_addr& who);

  void before_message() const { pass(options_.may_fail, name); }

private:
  instant now() const { return self_->clock().now(); }
  caf::execution_unit* context() const { return self_ != nullptr ? self_->context() : nullptr; }

  void start_dialling();
  void send_examine(const connection_actor& to);
  void tell_note();
  std::vector<health_change> changes() const;

  void finish();
  void apply(const machines::check_server& e);
  void apply(const machines::drop_connection& e);
  void apply(const machines::doubt_server& e);
  void apply(const machines::ask_pool& e);
  void apply(const machines::announce_health& e);

  template <class Message>
  void tell_pool(Message what) {
    send_as(address_, caf::actor_cast<caf::strong_actor_ptr>(pool_), std::move(what), context());
  }

  caf::actor_system& system_;
  monitor_options options_;
  std::uint64_t revision_ = 0; // of the driver in force
  caf::weak_actor_ptr address_;
  caf::weak_actor_ptr pool_;
  std::shared_ptr<inbox> box_;
  self_ptr self_ = nullptr; // the actor of the moment

  std::optional<machines::health> machine_;
  effect_list<machines::health_effect> effects_;
  health_publisher publisher_;
  health_log lines_;
  link_table links_;          // the monitoring connection, if there is one
  connection_id current_ = 0; // its number, which is never used again
  bool established_ = false;  // whether it stands
  alarm alarm_;
};

} // namespace moor::actors
