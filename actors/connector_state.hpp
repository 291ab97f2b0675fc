// What a connector knows, whichever actor it is at the moment.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/alarm.hpp"
#include "moor/actors/connector.hpp"
#include "moor/actors/effect_list.hpp"
#include "moor/actors/link_table.hpp"
#include "moor/actors/send_as.hpp"
#include "moor/actors/state_lines.hpp"
#include "moor/actors/ticket.hpp"
#include "moor/machines/breaker_gate.hpp"
#include "moor/machines/connector.hpp"
#include "moor/machines/deadlines.hpp"

namespace moor::actors {

/// It outlives its actors, as the connections do that are being established. Used on the thread of
/// the actor of the moment only.
class connector_state {
public:
  static constexpr const char* name = "connector";
  static constexpr const char* actor_name = "moor.connector";
  using self_ptr = connector_actor::pointer;

  /// Addresses are held weakly: a handle to the pool would keep the pool alive.
  connector_state(caf::actor_system& system, connector_options options, caf::weak_actor_ptr address,
                  caf::weak_actor_ptr pool, std::shared_ptr<inbox> box);
  ~connector_state();

  /// Starts an actor that works with this memory.
  static connector_actor spawn(caf::actor_system& system, std::shared_ptr<connector_state> memory,
                               std::shared_ptr<inbox> box, bool in_the_middle);

  /// A new actor begins. `in_the_middle`: the last one died of an exception.
  void take_over(self_ptr self, bool in_the_middle);

  /// No actor will come any more.
  void end(const caf::error& why);

  void on(const connect& request);
  void on(const establish& order);
  void on(const abandon& order);
  void on(const pool_paused& message);
  void on(const dialled& message);
  void on(const set_breaker& order);
  void on(const reconfigure& message);
  void on(const tick& message);
  breaker_figures breaker() const { return gate_.figures(now()); }
  void on_down(const caf::actor_addr& who);

  void before_message() const { pass(options_.may_fail, name); }

private:
  instant now() const { return self_->clock().now(); }
  double draw() { return std::uniform_real_distribution<>{}(random_); }
  caf::execution_unit* context() const { return self_ != nullptr ? self_->context() : nullptr; }

  void start_dialling(connection_id id);
  std::optional<failure> problem_of(const dialled& message) const;
  void end_dialling(connection_id id, const std::optional<failure>& why, bool read_only = false);
  void end_probe(const std::optional<failure>& why, bool read_only);
  void end_attempt(connection_id id, const std::optional<failure>& why, bool read_only);
  bool may_dial(connection_id id);
  void note_error(const failure& why);

  void finish();
  void apply(const machines::probe& e);
  void apply(const machines::announce_found& e);
  void apply(const machines::announce_lost& e);
  void apply(const machines::announce_cause& e);
  void apply(const machines::give_up& e);

  template <class Message>
  void tell_pool(Message what) {
    send_as(address_, caf::actor_cast<caf::strong_actor_ptr>(pool_), std::move(what), context());
  }

  caf::actor_system& system_;
  connector_options options_;
  std::uint64_t revision_ = 0; // of the driver in force
  caf::weak_actor_ptr address_;
  caf::weak_actor_ptr pool_;
  std::shared_ptr<inbox> box_;
  self_ptr self_ = nullptr; // the actor of the moment

  machines::connector machine_;
  effect_list<machines::connector_effect> effects_;
  machines::breaker_gate gate_; // not before the connector's own probes
  machines::breaker_effects breaker_changes_;
  link_table dialling_;
  machines::deadlines overdue_; // by connection number + 1, since 0 is none
  connector_counters counters_;
  establishing_log lines_;
  std::vector<ticket> starting_;
  std::mt19937_64 random_;
  alarm alarm_;
};

} // namespace moor::actors
