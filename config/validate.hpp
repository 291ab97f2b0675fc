// Whether settings can work: every violated rule at once.
#pragma once

#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"

namespace moor {

/// Every violated rule, in the order of the setting table; empty if the settings can be used.
/// `from` is what `resolve` returns; without it, every value counts as set by the program's code.
/// Pure; any thread.
std::vector<finding> validate(const settings& values, const origins& from = {});

} // namespace moor
