#include "moor/actors/address.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

namespace moor::actors {

address::address(caf::actor_config& cfg, std::shared_ptr<inbox> box)
  : monitorable_actor(cfg), inbox_(std::move(box)) {}

void address::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* context) {
  if (what->content().match_elements<caf::exit_msg>()) {
    if (owner_)
      caf::actor_cast<caf::abstract_actor*>(owner_)->enqueue(std::move(what), context);
    return;
  }
  inbox_->push(std::move(what), context);
}

void address::on_destroy() {
  cleanup(caf::exit_reason::unreachable, nullptr);
  if (owner_)
    caf::anon_send_exit(owner_, caf::exit_reason::unreachable);
}

caf::strong_actor_ptr make_address(caf::actor_system& system, std::shared_ptr<inbox> box) {
  caf::actor_config cfg;
  return caf::make_actor<address, caf::strong_actor_ptr>(system.next_actor_id(), system.node(),
                                                         &system, cfg, std::move(box));
}

caf::weak_actor_ptr weak(const caf::strong_actor_ptr& which) {
  return caf::actor_cast<caf::weak_actor_ptr>(which);
}

void set_owner(const caf::strong_actor_ptr& of, caf::actor owner) {
  static_cast<address*>(caf::actor_cast<caf::abstract_actor*>(of))->owned_by(std::move(owner));
}

void end_address(const caf::weak_actor_ptr& which, caf::error why) {
  if (const auto strong = caf::actor_cast<caf::strong_actor_ptr>(which))
    static_cast<address*>(caf::actor_cast<caf::abstract_actor*>(strong))
      ->cleanup(std::move(why), nullptr);
}

} // namespace moor::actors
