// How many log lines of one kind may be written.
#pragma once

#include <cstdint>
#include <optional>

#include "moor/config/duration.hpp"
#include "moor/machines/token_bucket.hpp"

namespace moor::machines {

/// So many lines at once after a quiet time, then one in every `refill`. What is not permitted is
/// counted, and the next line tells of it.
class line_limiter {
public:
  explicit line_limiter(std::uint32_t burst = 10, duration refill = std::chrono::seconds{1})
    : bucket_(burst, refill) {}

  /// Asks for a line at `now`. If it is permitted, how many were not since the last one that was.
  std::optional<std::uint64_t> permit(instant now);

  /// How many were not permitted so far, in all.
  std::uint64_t suppressed() const noexcept { return suppressed_; }

private:
  token_bucket bucket_;
  std::uint64_t suppressed_ = 0;
  std::uint64_t untold_ = 0; // of those suppressed
};

} // namespace moor::machines
