#include "moor/actors/guests.hpp"

#include <caf/actor_system.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "moor/mongo/fiber_loop.hpp"

namespace moor::actors {

void guests::add(caf::actor_system& system, caf::resumable* actor,
                 std::shared_ptr<turn_counts> counts) {
  system.inc_detached_threads();
  waiting_.push_back({&system, actor, std::move(counts)});
}

void guests::have_turns() {
  if (waiting_.empty())
    return;
  const auto first = mongo::fiber_loop::clock::now();
  auto begin = first;
  for (const auto& who : std::exchange(waiting_, {})) {
    if (begin - first < longest_round && budget_.permits(begin)) {
      have_turn(who);
      who.system->dec_detached_threads();
      const auto end = mongo::fiber_loop::clock::now();
      budget_.had(begin, end);
      begin = end;
    } else {
      send_away(who);
    }
  }
}

/// The actor keeps a pointer to what it has the turn in, perhaps for longer than this loop stays.
void guests::have_turn(const guest& who) {
  who.counts->on_loop.fetch_add(1, std::memory_order_relaxed);
  auto* host = who.system->dummy_execution_unit();
  if (who.actor->resume(host, most_messages) == caf::resumable::resume_later)
    who.system->scheduler().enqueue(who.actor);
  else
    caf::intrusive_ptr_release(who.actor);
}

void guests::leave() {
  for (const auto& who : std::exchange(waiting_, {}))
    send_away(who);
}

void guests::send_away(const guest& who) {
  who.counts->on_scheduler.fetch_add(1, std::memory_order_relaxed);
  others_(*who.system, who.actor);
  who.system->dec_detached_threads();
}

} // namespace moor::actors
