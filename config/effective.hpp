// The settings in force, shown to people and programs: as text, as TOML that can be read back, as
// JSON; and a template of all settings. Secrets are redacted everywhere. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/settings.hpp"

namespace moor {

/// One setting in force.
struct effective_setting {
  const setting_entry* entry = nullptr; ///< in the setting table; never null
  std::string value;                    ///< as the table prints it; empty if it was refused
  source from = source::code;
  std::string place;         ///< "environment variable DB_POOL_SIZE"
  std::string default_value; ///< of the profile in force; empty for what is required
  bool refused = false;      ///< what stands at its place cannot be read, and nothing is in force
};

/// All settings, in the order of the table. `from` says where each came from; without it, all are
/// the program's.
std::vector<effective_setting> effective_config(const settings& values, const origins& from = {});

/// A line for each setting: key, value, where it came from, and the default where it differs. A
/// setting that was refused has "refused" in place of a value and of the default.
std::string write_text(const settings& values, const origins& from = {});

/// A TOML file that gives these settings again; where each came from is a comment. The connection
/// string is left out: its redacted form is a comment, too. So is what was refused.
std::string write_toml(const settings& values, const origins& from = {});

/// `{"settings": [{"key", "value", "source", "place", "default"}, …]}`; all values are texts, but
/// null for a setting that was refused.
std::string write_json(const settings& values, const origins& from = {});

/// A TOML file of all settings: meaning, kind, range and other ways to set each as comments, and
/// the profile's defaults, each behind a `#` without a blank: taking that away sets the setting.
std::string write_template(profile which);

} // namespace moor
