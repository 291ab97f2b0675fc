// How much the machine itself was late.
#pragma once

#include <deque>
#include <mutex>
#include <thread>

#include "moor/config/duration.hpp"

namespace moor::chaos {

/// A thread that sleeps for moments and notes by how much it overslept: so late is anybody who
/// shares these cores, through no fault of moor's.
class canary {
public:
  canary();

  /// For how long in all the machine kept everybody waiting between two moments. Any thread.
  duration stall(instant from, instant to) const;

private:
  struct nap {
    instant due;
    instant woke;
  };

  void watch(const std::stop_token& stop);

  mutable std::mutex mutex_;
  std::deque<nap> naps_; // of the last minute that were worth noting
  std::jthread thread_;
};

} // namespace moor::chaos
