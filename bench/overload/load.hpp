// Load on a pool of its own, in a closed loop and in an open one.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace overload {

using milliseconds = std::chrono::duration<double, std::milli>;

/// Of each pool.
inline constexpr std::size_t connections = 8;

/// What became of the requests of an open loop.
struct outcome {
  std::size_t asked = 0;
  std::vector<milliseconds> served; ///< from request to answer
  std::size_t shed = 0;
  std::size_t timed_out = 0;
  std::size_t other_errors = 0;

  outcome& operator+=(const outcome& other);
};

/// Operations a second with every connection in use and each client asking again when it was
/// answered. Blocks for `span` and the time to start. Throws std::runtime_error.
double measure_capacity(const std::string& uri, std::chrono::seconds span);

/// Asks `per_second` times a second, whatever becomes of it; each request gives up after a second.
/// The first seconds, in which an overload is noticed, do not count. Blocks for `span` and those.
/// Throws std::runtime_error.
outcome offer(const std::string& uri, bool sheds, double per_second, std::chrono::seconds span);

} // namespace overload
