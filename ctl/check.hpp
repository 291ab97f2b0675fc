// `moorctl check`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "moor/ctl/advice.hpp"
#include "moor/ctl/command_line.hpp"
#include "moor/ctl/configuration.hpp"
#include "moor/ctl/paint.hpp"
#include "moor/ctl/probe.hpp"
#include "moor/ctl/target.hpp"

namespace moor::ctl {

/// All that a check found.
struct check_report {
  configuration settings;
  target where;
  std::optional<probe_result> seen; ///< nothing if the settings were refused
  std::vector<advice> advised;
  exit_code how = exit_code::fine;
};

/// Checks, and prints the report to standard output.
exit_code run_check(const check_options& options);

/// What a report ends with: the gravest that there is to say.
exit_code verdict(const check_report& report, bool strict);

/// For people; ends with a line break.
std::string as_text(const check_report& report, const paint& colour);

/// One JSON object in one line; its keys are documented in docs/moorctl.md.
std::string as_json(const check_report& report);

} // namespace moor::ctl
