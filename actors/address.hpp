// An address that does not change while the actors behind it come and go.
#pragma once

#include <memory>
#include <set>
#include <string>

#include <caf/actor.hpp>
#include <caf/monitorable_actor.hpp>

#include "moor/actors/inbox.hpp"

namespace moor::actors {

/// Puts what is sent to it into an inbox, on the sender's thread: no hop, and nothing lost while
/// nobody reads. Monitors see it end when its owner says so, with the owner's cause.
/// An exit message to it, and the end of its last handle, are passed on to the owner as exit
/// messages.
class address final : public caf::monitorable_actor {
public:
  address(caf::actor_config& cfg, std::shared_ptr<inbox> box);

  /// Any thread. Does not block.
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* context) override;

  /// Once, before the address is known to others.
  void owned_by(caf::actor owner) { owner_ = std::move(owner); }

  std::set<std::string> message_types() const override { return {}; }
  const char* name() const override { return "moor.address"; }
  void on_destroy() override;

private:
  std::shared_ptr<inbox> inbox_;
  caf::actor owner_;
};

/// A new address before `box`. The handle is the only one.
caf::strong_actor_ptr make_address(caf::actor_system& system, std::shared_ptr<inbox> box);

/// For those who must not keep it alive.
caf::weak_actor_ptr weak(const caf::strong_actor_ptr& which);

/// Says that `owner` is to be told of the address's end.
void set_owner(const caf::strong_actor_ptr& of, caf::actor owner);

/// Tells everybody who monitors the address that it ended, and why.
void end_address(const caf::weak_actor_ptr& which, caf::error why);

} // namespace moor::actors
