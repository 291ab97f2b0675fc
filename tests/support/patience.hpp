// How long a test waits for what must come.
#pragma once

#include <chrono>

namespace moor::test {

/// Longer than any machine stalls: a test that waits so long has failed.
inline constexpr std::chrono::seconds forever{60};

} // namespace moor::test
