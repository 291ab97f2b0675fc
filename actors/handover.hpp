// Actors that got messages from a lane, on their way to CAF's scheduler.
#pragma once

#include <memory>

#include <caf/execution_unit.hpp>

namespace moor::actors {

struct turn_counts;

/// What a lane's actors run in. Actors that they wake on the loop's thread, borrowers with their
/// answers above all, are handed to the scheduler together: at the end of the loop's round, if it
/// has nothing else to do then, or there are eight, or the first has waited for 200 us. Each
/// handing over wakes a worker, which costs more than a borrower's whole turn. One worker takes
/// them one after the other; if it is held up by one of them, others come for the rest within
/// milliseconds. From other threads they go at once.
class handover final : public caf::execution_unit {
public:
  using execution_unit::execution_unit;

  void exec_later(caf::resumable* what) override;
};

/// What results are sent in, if those who get them are to have their turns on the loop
/// (`borrower_turns::loop`): at once, and not on a worker that would have to be woken. From threads
/// that are no loop they go to the scheduler.
class guest_turns final : public caf::execution_unit {
public:
  explicit guest_turns(caf::actor_system* system);

  void exec_later(caf::resumable* what) override;

  /// Where those turns were had. Any thread.
  const turn_counts& counts() const noexcept { return *counts_; }

private:
  std::shared_ptr<turn_counts> counts_; // guests may stay longer
};

} // namespace moor::actors
