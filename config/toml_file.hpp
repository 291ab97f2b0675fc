// The TOML file of settings: which of its values belong to which pool.
//
// A file that is moor's alone has the settings at top level and pools in [pools.NAME]; a file that
// moor shares has them in [moor] and [moor.pools.NAME], and other tables are not looked at.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/layers.hpp"

namespace moor {

/// A larger file is refused.
inline constexpr std::size_t largest_settings_file = std::size_t{1} << 20U;

/// What one pool's table says on top of the settings for all.
struct pool_layer {
  std::string name;
  /// Holds `name`, too.
  layer values{source::pool, {}};
};

/// What a TOML file says. Values of a wrong type are among the layers' and have a problem.
struct settings_file {
  layer common{source::toml, {}};
  /// In the order of the file.
  std::vector<pool_layer> pools = {};
  /// Bad syntax, duplicate and unknown keys, misplaced tables; free of the file's values.
  std::vector<finding> findings = {};
};

/// Reads TOML 1.0. `name` is what places are given by, `name:line:column`. Pure; any thread.
settings_file parse_settings_file(std::string_view text, std::string_view name);

} // namespace moor
