// When what wakes other threads is done, if a loop has more to do.
#pragma once

#include <chrono>
#include <cstddef>

#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// Each message to a server and each answer to an actor wakes a thread, which costs most while its
/// processor sleeps; and what is woken for one finds only that one. So a loop holds both back, and
/// lets them go together: when it would rest, or they are eight, or the first has waited for
/// 200 us, as is seen at the ends of its rounds (docs/performance.md). Used by one thread.
class gathering {
public:
  using clock = wire::clock;

  static constexpr std::size_t enough = 8;
  static constexpr std::chrono::microseconds longest_hold{200};

  /// One more.
  void add() noexcept {
    if (count_++ == 0)
      since_ = clock::now();
  }

  bool empty() const noexcept { return count_ == 0; }

  /// A round of the loop ends, and it goes on at once or not.
  bool is_over(bool goes_on, clock::time_point now) const noexcept {
    return !empty() && (!goes_on || count_ >= enough || now - since_ > longest_hold);
  }

  void clear() noexcept { count_ = 0; }

private:
  std::size_t count_ = 0;
  clock::time_point since_;
};

} // namespace moor::mongo
