// Settings with their sources as lines for people. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "moor/ctl/configuration.hpp"

namespace moor::ctl {

/// One line per setting: key, value, where it came from and, where it was given, the default.
std::vector<std::string> setting_lines(const std::vector<setting_row>& rows, bool given_only);

} // namespace moor::ctl
