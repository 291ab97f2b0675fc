// Where a part of moor may be made to fail, for tests.
#pragma once

#include <functional>

namespace moor::actors {

/// Called on a part's thread, with its name, before each message and each effect; what it throws
/// ends the part's actor there. Empty outside of tests.
using fault_point = std::function<void(const char* part)>;

inline void pass(const fault_point& point, const char* part) {
  if (point)
    point(part);
}

} // namespace moor::actors
