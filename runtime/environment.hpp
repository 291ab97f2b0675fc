// The process environment as a source of settings.
#pragma once

#include <optional>
#include <string>

#include "moor/config/layers.hpp"

namespace moor {

/// moor's variables of the process environment. A variable that begins with `MOOR_` and is nearly
/// the name of a setting is taken along as an unknown key, so that `resolve` finds it; other
/// variables are nobody's business. No thread may change the environment meanwhile.
layer read_environment();

/// What `MOOR_CONFIG` names, the TOML file; nothing if it is not set.
std::optional<std::string> config_file_of_environment();

} // namespace moor
