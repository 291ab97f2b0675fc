// What moorctl was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/config/layers.hpp"
#include "moor/ctl/exit_code.hpp"

namespace moor::ctl {

/// Where settings come from beyond the environment.
struct setting_arguments {
  layer settings{source::command_line, {}}; ///< of `--moor.KEY=VALUE` and of the URI
  std::string pool; ///< of several that a TOML file has; empty: the only one
};

/// `moorctl check`.
struct check_options {
  setting_arguments from;
  duration timeout = std::chrono::seconds{15};
  bool strict = false;
  bool json = false;
};

/// `moorctl config`.
struct config_options {
  enum class form : std::uint8_t { text, json, toml, file_template };

  setting_arguments from;
  form how = form::text;
  bool given_only = false; ///< of text and JSON: without the settings that have their defaults
};

/// `moorctl top`.
struct top_options {
  std::string address;
  std::string user;
  std::string password_file;
  std::string authorities_file;
  duration interval = std::chrono::seconds{1};
  duration timeout = std::chrono::seconds{5};
  bool once = false;
  bool json = false;
};

/// Nothing is left to do but to print.
struct message {
  std::string text;
  exit_code how = exit_code::fine;
};

using invocation = std::variant<check_options, config_options, top_options, message>;

/// Reads the arguments, the program's name being the first. Wrong ones become a `message` with
/// `exit_code::usage` that names what was wrong, help and version one with `exit_code::fine`.
///
/// A URI with a password is refused: arguments are visible to every user of the machine.
invocation read_command_line(const std::vector<std::string>& arguments);

} // namespace moor::ctl
