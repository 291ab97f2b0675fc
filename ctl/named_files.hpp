// What a start would meet in the files that the settings name.
#pragma once

#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"

namespace moor::ctl {

/// Why no connection could be made with settings that hold (an error: the start fails), and why the
/// HTTP endpoint could not be opened (a warning: the pool works without), as far as libmongoc and
/// the files of passwords, certificates and keys show it. Connects to nobody; blocks on the files.
std::vector<finding> judge_named_files(const settings& values, const origins& from);

} // namespace moor::ctl
