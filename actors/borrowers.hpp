// Who waits for an answer, so that a borrower's death is noticed at once.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include <caf/actor_addr.hpp>
#include <caf/actor_control_block.hpp>

#include "moor/messages/ids.hpp"

namespace moor::actors {

/// Borrower → its requests that were not answered yet. Each borrower is monitored once, until it
/// dies; the `down_msg` goes to an address that does not change. Used on its actor's thread only.
class borrowers {
public:
  explicit borrowers(caf::weak_actor_ptr observer) : observer_(std::move(observer)) {}

  void add(request_id request, const caf::strong_actor_ptr& who);
  void remove(request_id request, const caf::strong_actor_ptr& who);

  /// It died: what it had asked.
  std::unordered_set<request_id> take(const caf::actor_addr& who);

private:
  struct entry {
    caf::actor_addr who; // so that its memory is that of nobody else meanwhile
    std::unordered_set<request_id> open;
  };

  caf::weak_actor_ptr observer_;
  std::unordered_map<const caf::actor_control_block*, entry> entries_;
};

/// Has `observer` sent a `down_msg` when `who` dies, or now if it is dead. Any thread.
void monitor(const caf::weak_actor_ptr& observer, const caf::strong_actor_ptr& who);

} // namespace moor::actors
