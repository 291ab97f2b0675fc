// What a leak detector knows, whichever actor it is at the moment.
#pragma once

#include <cstdint>
#include <memory>

#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/alarm.hpp"
#include "moor/actors/effect_list.hpp"
#include "moor/actors/leak_detector.hpp"
#include "moor/actors/send_as.hpp"
#include "moor/machines/leak_ledger.hpp"

namespace moor::actors {

/// Asks the pool at every scan for the roll of its leases, so that nothing is sent for a lease that
/// ends in time, and nothing is lost with an actor. After an empty one it rests until the pool
/// sends another by itself. Used on the thread of the actor of the moment.
class leak_detector_state {
public:
  static constexpr const char* name = "leak detector";
  static constexpr const char* actor_name = "moor.leaks";
  using self_ptr = leak_detector_actor::pointer;

  /// Addresses are held weakly: a handle to the pool would keep the pool alive.
  leak_detector_state(leak_detector_options options, caf::weak_actor_ptr address,
                      caf::weak_actor_ptr pool);

  /// Starts an actor that works with this memory.
  static leak_detector_actor spawn(caf::actor_system& system,
                                   std::shared_ptr<leak_detector_state> memory,
                                   std::shared_ptr<inbox> box, bool in_the_middle);

  void take_over(self_ptr self, bool in_the_middle);
  void end(const caf::error&) { self_ = nullptr; }

  leaks_report report() const { return ledger_.report(); }

  void on(const tick& message);
  void on(const lease_roll& roll);
  void on(const reconfigure& message);
  void on_down(const caf::actor_addr&) {}

  void before_message() const { pass(options_.may_fail, name); }

private:
  instant now() const { return self_->clock().now(); }

  void schedule();
  void finish();
  void apply(const machines::warn_borrower& e);
  void apply(const machines::report_leaks& e) const;
  void apply(const machines::report_ended& e) const;
  void apply(const machines::revoke_leak& e);

  template <class Message>
  void tell_pool(Message what) {
    send_as(address_, caf::actor_cast<caf::strong_actor_ptr>(pool_), std::move(what),
            self_->context());
  }

  leak_detector_options options_;
  caf::weak_actor_ptr address_;
  caf::weak_actor_ptr pool_;
  self_ptr self_ = nullptr; // the actor of the moment

  machines::leak_ledger ledger_;
  effect_list<machines::leak_effect> effects_;
  std::uint64_t late_seen_ = 0; // of the pool's late leases
  bool rests_ = false;          // nothing is out, and the pool says when something is again
  alarm alarm_;
};

} // namespace moor::actors
