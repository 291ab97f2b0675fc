// Whether settings can work: every violated rule at once.
#pragma once

#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"

namespace moor {

/// Every violated rule: those of single settings in the order of the setting table, of pairs of
/// settings, of the connection string's options, and of the production profile's policy. The
/// settings can be used if none of them is an error (`has_errors`).
///
/// `from` is what `resolve` returns; without it, every value counts as set by the program's code.
/// The settings then stand for themselves, also where the connection string has an option of that
/// name: a mistake in such an option is a warning. `resolve` has judged those options already.
/// Pure; any thread.
std::vector<finding> validate(const settings& values, const origins& from = {});

struct ordered_pair;

/// Whether the smaller one of two contradicting settings is lowered instead of refused, with a
/// warning: it is an option of the connection string, and the profile is development.
bool gives_way(const settings& values, const origins& from, const ordered_pair& pair) noexcept;

} // namespace moor
