// What a load consists of, and what was measured of it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace compare {

using clock = std::chrono::steady_clock;
using nanoseconds = std::chrono::nanoseconds;

/// When the load is measured. Every client asks again as soon as it has its answer, before the
/// window to warm up, and after it until all clients have the answers to what they asked within it:
/// so the slowest answers are measured too, and under the same load. Any thread.
class window {
public:
  window(std::size_t clients, nanoseconds length, nanoseconds warm_up = std::chrono::seconds{1});

  bool contains(clock::time_point t) const noexcept { return t >= begin_ && t < end_; }

  /// A client about to ask at `now` calls this. Returns whether it should; `settled` is the
  /// client's own note, false at first.
  bool go_on(clock::time_point now, bool& settled) noexcept;

private:
  static constexpr auto longest_wait = std::chrono::seconds{20}; // for the last answers

  clock::time_point begin_;
  clock::time_point end_;
  std::atomic<std::size_t> unsettled_;
};

/// One client's measurements; used by one thread at a time.
struct samples {
  std::uint64_t operations = 0; ///< answered within the window
  std::uint64_t answers = 0;    ///< whenever they came
  std::uint64_t errors = 0;
  std::vector<nanoseconds> total; ///< from asking within the window to having the answer
  std::vector<nanoseconds> wait;  ///< of these, until a connection was granted

  void answered(const window& during, clock::time_point asked, clock::time_point now);
  void granted(const window& during, clock::time_point asked, clock::time_point at);
  void failed(const window& during, clock::time_point asked);
};

/// Processor time of the process until now, of all its threads.
nanoseconds cpu_time();

/// All clients of one contender.
struct result {
  nanoseconds length{0};
  std::vector<samples> clients;
  nanoseconds cpu{0}; ///< processor time of the process while they were there
};

} // namespace compare
