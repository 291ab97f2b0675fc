// Where a part of moor may be made to fail, for tests.
#pragma once

#include <functional>

namespace moor::actors {

/// Called on a part's thread before each message and each effect; what it throws ends the part's
/// actor there. Empty outside of tests.
using fault_point = std::function<void()>;

inline void pass(const fault_point& point) {
  if (point)
    point();
}

} // namespace moor::actors
