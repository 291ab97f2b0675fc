// `moorctl config`.
#pragma once

#include "moor/ctl/command_line.hpp"

namespace moor::ctl {

/// Prints the settings in force, or a file to fill in, to standard output; what is wrong with them
/// to standard error, too, unless it is part of the JSON.
exit_code run_config(const config_options& options);

} // namespace moor::ctl
