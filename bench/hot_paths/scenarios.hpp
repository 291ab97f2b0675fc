// Fixed pieces of work on the paths of every request, whose instructions are counted.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hot_paths {

/// One piece of work, repeated `times`. What is outside of `work` is not counted.
struct scenario {
  std::string_view name;
  std::uint64_t times;
  void (*run)(std::uint64_t times);
};

// The pool's machine alone.
void check_out_idle(std::uint64_t times);
void check_out_contended(std::uint64_t times);
void time_out(std::uint64_t times);
// All actors of a request over a driver that answers at once, under CAF's deterministic scheduler.
void command(std::uint64_t times);
void lease(std::uint64_t times);

inline constexpr std::array scenarios{
  scenario{"check-out-idle", 10'000, check_out_idle},
  scenario{"check-out-contended", 10'000, check_out_contended},
  scenario{"time-out", 10'000, time_out},
  scenario{"command", 2'000, command},
  scenario{"lease", 2'000, lease},
};

/// The only function in which instructions are counted, with all that it calls.
template <class F>
[[gnu::noinline]] void counted(std::uint64_t times, F piece) {
  for (std::uint64_t i = 0; i < times; ++i)
    piece();
}

} // namespace hot_paths
