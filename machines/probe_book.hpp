// The probes of a half-open circuit breaker: who may still answer, and what was answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "moor/machines/call_window.hpp"

namespace moor::machines {

/// At most `permitted` probes are in flight, those of earlier rounds included, until they are
/// answered or their deadline comes. A round is one time in half-open state; only its own probes
/// count in it, at most `permitted` of them. Used by one thread at a time.
class probe_book {
public:
  struct probe {
    std::uint64_t number = 0; ///< from 1, over all rounds
    instant deadline;
  };

  /// `time` is how long a probe may take.
  probe_book(std::uint32_t permitted, duration time);

  /// Other limits are in force; probes that run keep their deadlines.
  void reconfigure(std::uint32_t permitted, duration time) noexcept {
    permitted_ = permitted;
    time_ = time;
  }

  /// The next probe of the round; nothing if no more may be in flight, or in this round.
  std::optional<probe> give(instant now);

  /// A probe was answered. False, and not counted, if it is not one of this round that runs.
  bool answer(std::uint64_t number, bool failed, bool slow);
  /// Nobody will answer it: it has failed. Returns as `answer` does.
  bool lose(std::uint64_t number);
  /// It was not made: the round may have another one.
  void take_back(std::uint64_t number);

  /// All that run and were due when the round was are lost.
  void lose_overdue();
  /// Those that run are of an earlier round from now on.
  void end_round(instant now);

  /// When the round's first probe is due, whether it was answered or not; `no_deadline` if it has
  /// none.
  instant round_due() const noexcept;
  /// When the first of all that are in the book is due; `no_deadline` if there is none.
  instant next_due() const noexcept;

  /// The round's, lost ones included.
  const call_counts& answered() const noexcept { return answered_; }
  std::uint64_t lost() const noexcept { return lost_; }
  std::uint64_t permitted() const noexcept { return permitted_; }
  std::uint64_t in_flight(instant now) const;

private:
  struct entry {
    probe what;
    bool answered = false;
  };

  entry* find_running(std::uint64_t number);
  void forget(std::uint64_t number);
  void forget_overdue(instant now);

  std::uint64_t permitted_;
  duration time_;
  std::vector<entry> round_;   // in order of number and deadline
  std::vector<probe> earlier_; // run since earlier rounds; in the same order
  call_counts answered_;
  std::uint64_t lost_ = 0;
  std::uint64_t last_ = 0;
};

} // namespace moor::machines
