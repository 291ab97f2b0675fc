#include "moor/actors/borrowers.hpp"

#include <utility>

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/default_attachable.hpp>

namespace moor::actors {

void borrowers::add(request_id request, const caf::strong_actor_ptr& who) {
  if (!who)
    return;
  const auto [place, is_new] = entries_.try_emplace(who.get());
  auto& e = place->second;
  if (is_new)
    e.who = caf::actor_cast<caf::actor_addr>(who);
  e.open.insert(request);
  if (is_new)
    monitor(observer_, who);
}

void borrowers::remove(request_id request, const caf::strong_actor_ptr& who) {
  if (!who) // answered already
    return;
  if (const auto found = entries_.find(who.get()); found != entries_.end())
    found->second.open.erase(request);
}

std::unordered_set<request_id> borrowers::take(const caf::actor_addr& who) {
  auto node = entries_.extract(caf::actor_cast<caf::actor_control_block*>(who));
  return node.empty() ? std::unordered_set<request_id>{} : std::move(node.mapped().open);
}

void monitor(const caf::weak_actor_ptr& observer, const caf::strong_actor_ptr& who) {
  if (!who) // a message may carry a null handle
    return;
  who->get()->attach(caf::default_attachable::make_monitor(
    caf::actor_cast<caf::actor_addr>(who), caf::actor_cast<caf::actor_addr>(observer)));
}

} // namespace moor::actors
