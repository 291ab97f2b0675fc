// Points in time as poll takes them.
#pragma once

#include <algorithm>
#include <chrono>

#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// Milliseconds until `when`, rounded up so that poll does not wake too early; -1 for never.
inline int poll_timeout(wire::clock::time_point when) {
  if (when == wire::clock::time_point::max())
    return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - wire::clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 1'000'000'000));
}

} // namespace moor::mongo
