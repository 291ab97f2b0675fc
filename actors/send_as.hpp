// Sending in the name of an address that does not change.
#pragma once

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

namespace moor::actors {

/// What comes back goes to `from`, whichever actor reads there by then. Nothing is sent if nobody
/// holds that address any more: then the pool is being ended. Any thread; `context` is that of the
/// actor at work, or null.
template <class Handle, class Message>
void send_as(const caf::weak_actor_ptr& from, const Handle& to, Message&& what,
             caf::execution_unit* context) {
  auto sender = caf::actor_cast<caf::strong_actor_ptr>(from);
  auto* receiver = caf::actor_cast<caf::abstract_actor*>(to);
  if (sender && receiver != nullptr)
    receiver->enqueue(caf::make_mailbox_element(std::move(sender), caf::make_message_id(), {},
                                                std::forward<Message>(what)),
                      context);
}

} // namespace moor::actors
