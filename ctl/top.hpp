// `moorctl top`.
#pragma once

#include "moor/ctl/command_line.hpp"

namespace moor::ctl {

/// Shows a component until its user ends that or, where standard output is no terminal or one
/// snapshot was asked for, once. Writes to standard output, and errors to standard error.
exit_code run_top(const top_options& options);

} // namespace moor::ctl
