// The settings as a program with moor would have them.
#pragma once

#include <string>
#include <vector>

#include "moor/config/layers.hpp"
#include "moor/ctl/command_line.hpp"

namespace moor::ctl {

/// One setting in force, fit to be shown.
struct setting_row {
  std::string key;
  std::string value; ///< secrets redacted; empty if it was refused
  std::string place; ///< "environment variable DB_POOL_SIZE"
  std::string default_value;
  bool given = false;   ///< not the profile's default
  bool refused = false; ///< what was given cannot be used, and nothing is in force
};

/// What is wrong, or had better be otherwise; free of secrets.
struct remark {
  bool is_error = true;
  std::string subject; ///< setting or option
  std::string text;    ///< a whole sentence
};

/// Settings and what is to be said of them. `settings.value` holds a secret.
struct configuration {
  resolved settings;
  std::vector<setting_row> rows; ///< all, in the order of docs/configuration.md
  std::vector<remark> remarks;

  bool ok() const noexcept { return settings.ok(); }
};

/// Has `more` told with what was found.
void add_findings(configuration& to, const std::vector<finding>& more);

/// The settings of one pool from the arguments, the environment, the TOML file and the files of
/// secrets that these name. Which of a file's pools is meant must be said where it has several; if
/// it is not, that is an error. No thread may change the environment meanwhile; blocks on the file
/// system.
configuration load_configuration(const setting_arguments& given);

} // namespace moor::ctl
