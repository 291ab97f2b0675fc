// Settings from all sources of a process: command line, environment, TOML file, files of secrets.
#pragma once

#include <string>
#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/layers.hpp"

namespace moor {

/// What a program adds to the process environment.
struct setting_sources {
  layer command_line{source::command_line, {}};
  /// What CAF's config file says.
  layer file{source::file, {}};
  /// What the program itself wants, unless told otherwise.
  layer code{source::code, {}};
  /// The TOML file, and who named it, "command line option --moor.config" for instance. Without
  /// one, `MOOR_CONFIG` names it, and without that there is none.
  std::string config_file = {};
  std::string config_place = {};
};

/// The settings of one pool. A file that has tables of pools is a finding: such files are for
/// `load_pools`. Reads the environment and files, so no thread may change the environment
/// meanwhile; blocks on the file system.
resolved load_settings(const setting_sources& from = {});

/// The settings of several pools, and all that is wrong with any of them, each once.
struct resolved_pools {
  /// At least one; each with its own findings.
  std::vector<resolved> pools;
  std::vector<finding> findings;

  /// Whether the settings may be used: nothing was found, or warnings alone.
  bool ok() const noexcept { return !has_errors(findings); }
};

/// The settings of every pool that the TOML file has a table for, in the file's order; without one,
/// the one pool of `load_settings`. What a pool's own table says is the strongest source; all
/// others speak for all pools. Reads as `load_settings`.
resolved_pools load_pools(const setting_sources& from = {});

/// For settings that a program fills itself: reads the files that `uri_file` and `password_file`
/// name into `uri`. To be called once for one value, before `component::start`. Blocks on the file
/// system. Findings of policy are errors in the production profile and warnings in development.
std::vector<finding> read_secret_files(settings& values);

} // namespace moor
