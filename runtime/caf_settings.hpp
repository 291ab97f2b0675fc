// moor's settings as part of a backend's own CAF configuration.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <caf/actor_system_config.hpp>

#include "moor/config/layers.hpp"
#include "moor/runtime/load.hpp"

namespace moor {

/// Adds moor to a CAF configuration: its options, its message types, and its errors' texts. One
/// line in a class derived from `caf::actor_system_config`:
///
///     struct backend_config : caf::actor_system_config {
///       moor::caf_settings moor{*this, custom_options_};
///     };
///
/// then, after `config.parse(argc, argv)` succeeded:
///
///     const auto settings = config.moor.load(config);
///     if (!settings.ok()) // print to_string of each of settings.findings, and end
///
/// Options have the form `--moor.max-pool-size=20`, with the `=`; `--help` lists them. CAF's config
/// file has them in a section `[moor]` or a group `moor { … }`. `--moor.config=FILE` names a TOML
/// file of settings, as `MOOR_CONFIG` in the environment and `config` in CAF's file do.
class caf_settings {
public:
  /// `options` is the `custom_options_` of `config`, which is changed and not kept; `config` must
  /// not parse after this object is gone.
  caf_settings(caf::actor_system_config& config, caf::config_option_set& options);
  caf_settings(caf_settings&&) noexcept;
  ~caf_settings();

  /// Command line and CAF's config file as `config` parsed them, the process environment, the TOML
  /// file, the connection string's options, and `code` (what the program itself wants, unless told
  /// otherwise), resolved as by `load_settings`. Values put into `config` by `set` count as CAF's
  /// file's. Reads the environment, so no thread may change it meanwhile: call it before the actor
  /// system starts. Blocks on files.
  resolved load(const caf::actor_system_config& config, layer code = {source::code, {}}) const;

  /// The same for a program of several pools, resolved as by `load_pools`.
  resolved_pools load_pools(const caf::actor_system_config& config,
                            layer code = {source::code, {}}) const;

private:
  struct argument;

  struct state;

  setting_sources sources(const caf::actor_system_config& config, layer code) const;
  layer command_line(const caf::actor_system_config& config) const;
  layer file(const caf::actor_system_config& config) const;
  /// What the command line said about that key, as it was written; null if nothing.
  const std::string* given(std::string_view key) const;

  std::unique_ptr<state> state_;
};

} // namespace moor
