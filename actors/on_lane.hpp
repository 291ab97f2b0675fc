// An actor that a lane carries out: on fibers of its loop, or on its workers.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "moor/actors/handover.hpp"
#include "moor/mongo/fiber_lane.hpp"

namespace moor::actors {

/// Where a turn is had, and all that comes meanwhile. On a fiber of the loop it is suspended where
/// it waits for the network, in the middle of a handler, and its actor takes no other message
/// meanwhile, as if it had a thread of its own. A worker's may block; if there is no thread for it,
/// it is begun on the loop. CAF's scheduler has threads for what neither waits nor blocks, and
/// wakes none of them for an actor that another one of its own sends to. A turn `here` is had
/// inside of what sends, which goes on when it is over: for actors that never wait.
enum class turn_at : std::uint8_t { here, loop, worker, scheduler };

/// A scheduled actor that has its turns where `Place` says of the message that each begins with.
/// CAF's thread hooks are called for its scheduler's only. To be spawned with `lazy_init`.
template <class Base, auto Place>
class on_lane : public Base {
public:
  on_lane(caf::actor_config& config, std::shared_ptr<mongo::fiber_lane> lane)
    : Base(config), lane_(std::move(lane)), here_(&this->home_system()) {}

  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) override {
    turn next{*this, Place(*message), from};
    Base::enqueue(std::move(message), &next);
  }

  const std::shared_ptr<mongo::fiber_lane>& lane() const noexcept { return lane_; }

private:
  /// CAF hands an actor to it that got a message and has no turn yet, with a reference of its own.
  class turn final : public caf::execution_unit {
  public:
    turn(on_lane& self, turn_at place, caf::execution_unit* from)
      : self_(self), place_(place), from_(from) {}

    void exec_later(caf::resumable* what) override {
      auto& system = self_.home_system();
      if (place_ == turn_at::scheduler)
        return from_ != nullptr ? from_->exec_later(what) : system.scheduler().enqueue(what);
      if (place_ == turn_at::here)
        return self_.have_turn();
      auto& lane = *self_.lane_;
      const auto take = [self = &self_] { self->take_turn(); };
      system.inc_detached_threads();
      // Who finds no worker learns of it on the loop, by `off_loop`.
      if ((place_ == turn_at::worker && lane.workers().post(take)) || lane.loop().post(take)
          || lane.workers().post(take))
        return;
      system.dec_detached_threads();
      system.scheduler().enqueue(what);
    }

  private:
    on_lane& self_;
    turn_at place_;
    caf::execution_unit* from_; // the sender's
  };

  /// The actor system waits at its end until this is over, as for the threads of other actors.
  void take_turn() {
    auto& system = this->home_system();
    auto kept = lane_;
    have_turn();
    kept.reset(); // before the actor system may end, and with it the process
    system.dec_detached_threads();
  }

  /// The actor may be gone afterwards.
  void have_turn() {
    while (this->resume(&here_, std::numeric_limits<std::size_t>::max())
           == caf::resumable::resume_later)
      ;
    caf::intrusive_ptr_release(this->ctrl());
  }

  std::shared_ptr<mongo::fiber_lane> lane_;
  handover here_;
};

} // namespace moor::actors
