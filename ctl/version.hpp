// The version that moorctl was built as.
#pragma once

#include <string_view>

namespace moor::ctl {

/// "0.1.0", from the project's CMakeLists.txt.
inline constexpr std::string_view version = MOOR_VERSION;

} // namespace moor::ctl
