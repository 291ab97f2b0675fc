// Borrowers that handle their results on the loop which brought them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <caf/fwd.hpp>
#include <caf/resumable.hpp>

#include "moor/machines/turn_budget.hpp"

namespace moor::actors {

/// Where guests had their turns. Any thread.
struct turn_counts {
  std::atomic<std::uint64_t> on_loop{0};
  std::atomic<std::uint64_t> on_scheduler{0};
};

/// Actors of the scheduler's that have turns on a loop's thread instead, in which no fiber runs
/// meanwhile: as long as these are short (`turn_budget`). An actor system waits for them at its
/// end, as for detached actors. On the loop's thread only.
class guests {
public:
  /// Messages that one handles in a row. Who has more is no guest any more.
  static constexpr std::size_t most_messages = 8;

  /// Of a round's turns. Who comes after that is no guest either.
  static constexpr std::chrono::milliseconds longest_round{1};

  using taker = std::function<void(caf::actor_system& system, caf::resumable* actor)>;

  /// `others` is given those for whom there is no time.
  explicit guests(taker others) : others_(std::move(others)) {}

  void add(caf::actor_system& system, caf::resumable* actor, std::shared_ptr<turn_counts> counts);

  /// Those that came until now have their turns, on the loop's own stack.
  void have_turns();

  /// There is no time for any of them.
  void leave();

private:
  struct guest {
    caf::actor_system* system;
    caf::resumable* actor; // with a reference
    std::shared_ptr<turn_counts> counts;
  };

  static void have_turn(const guest& who);
  void send_away(const guest& who);

  taker others_;
  std::vector<guest> waiting_;
  machines::turn_budget budget_;
};

} // namespace moor::actors
