// Whether settings can work: every violated rule at once.
#pragma once

#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"

namespace moor {

/// Where one setting's value came from.
struct origin {
  source from = source::code;
  /// Whether the value given there could be used. If not, a default stands in for it, which is not
  /// judged: its finding was already made when it was read.
  bool readable = true;
};

/// One origin per setting, in the order of the setting table.
using origins = std::vector<origin>;

/// Every violated rule, in the order of the setting table; empty if the settings can be used.
/// `from` is what `resolve` returns; without it, every value counts as set by the program's code.
/// Pure; any thread.
std::vector<finding> validate(const settings& values, const origins& from = {});

} // namespace moor
