// What a command prints, and whether it arrived.
#pragma once

#include <string_view>

#include "moor/ctl/exit_code.hpp"

namespace moor::ctl {

/// To be called before anything is opened: what would be opened first in place of a standard stream
/// that is closed, a socket say, would otherwise be taken for it.
void occupy_standard_streams() noexcept;

/// Writes `text` to standard output and returns `how`. If not all of it can be written, which is
/// then told on standard error, `exit_code::cannot_write`. Blocks as long as its reader does.
exit_code print(std::string_view text, exit_code how);

} // namespace moor::ctl
