// When what wakes other threads is done, if a loop has more to do.
#pragma once

#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// Each message to a server and each answer to an actor wakes a thread, which costs most while its
/// processor sleeps; and what is woken for one finds only that one. So a loop holds both back, and
/// lets them go together: when it would rest, or they are eight, or the first has waited for
/// 200 us, as is seen at the ends of its rounds (docs/performance.md). Used by one thread.
template <class Who>
class gathering {
public:
  using clock = wire::clock;

  static constexpr std::size_t enough = 8;
  static constexpr std::chrono::microseconds longest_hold{200};

  void add(Who who) {
    if (empty())
      since_ = clock::now();
    all_.push_back(std::move(who));
  }

  bool empty() const noexcept { return all_.empty(); }

  /// A round of the loop ends, and it goes on at once or not.
  bool is_over(bool goes_on, clock::time_point now) const noexcept {
    return !empty() && (!goes_on || all_.size() >= enough || now - since_ > longest_hold);
  }

  /// All of them, in the order in which they came.
  std::vector<Who> take() { return std::exchange(all_, {}); }

private:
  std::vector<Who> all_;
  clock::time_point since_; // when the first of them came
};

} // namespace moor::mongo
