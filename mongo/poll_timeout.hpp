// Timeouts in milliseconds, as libmongoc gives and poll takes them, and points in time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// Milliseconds until `when`, rounded up so that poll does not wake too early; -1 for never.
inline int poll_timeout(wire::clock::time_point when) {
  if (when == wire::clock::time_point::max())
    return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - wire::clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 1'000'000'000));
}

/// When a timeout of libmongoc's is over, which begins now: at `deadline` if it is negative, and
/// never later.
inline wire::clock::time_point expiry(std::int32_t timeout, wire::clock::time_point deadline) {
  if (timeout < 0)
    return deadline;
  return std::min(deadline, wire::clock::now() + std::chrono::milliseconds{timeout});
}

} // namespace moor::mongo
