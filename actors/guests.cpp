#include "moor/actors/guests.hpp"

#include <map>
#include <memory>
#include <mutex>

#include <caf/actor_system.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/scoped_execution_unit.hpp>

#include "moor/mongo/fiber_loop.hpp"

namespace moor::actors {

namespace {

/// What guests have their turns in. An actor keeps a pointer to that of its last turn, which may
/// have been long before its end, and the loop's. So these are there for ever: one for each place
/// in memory where there was an actor system.
caf::execution_unit& host_for(caf::actor_system& system) {
  using map = std::map<caf::actor_system*, caf::scoped_execution_unit>;
  static std::mutex mutex;
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): guarded by the mutex
  static auto& all = *std::make_unique<map>().release();
  const std::lock_guard guard{mutex};
  return all.try_emplace(&system, &system).first->second;
}

} // namespace

void guests::add(caf::actor_system& system, caf::resumable* actor) {
  system.inc_detached_threads();
  waiting_.push_back({&system, actor});
}

void guests::have_turns() {
  if (waiting_.empty())
    return;
  auto begin = mongo::fiber_loop::clock::now();
  for (const auto& who : std::exchange(waiting_, {})) {
    if (budget_.permits(begin))
      have_turn(who);
    else
      others_(*who.system, who.actor);
    const auto end = mongo::fiber_loop::clock::now();
    budget_.had(begin, end);
    begin = end;
    who.system->dec_detached_threads();
  }
}

void guests::have_turn(const guest& who) {
  if (who.actor->resume(&host_for(*who.system), most_messages) == caf::resumable::resume_later)
    who.system->scheduler().enqueue(who.actor);
  else
    caf::intrusive_ptr_release(who.actor);
}

void guests::leave() {
  for (const auto& who : std::exchange(waiting_, {})) {
    others_(*who.system, who.actor);
    who.system->dec_detached_threads();
  }
}

} // namespace moor::actors
