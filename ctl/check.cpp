#include "moor/ctl/check.hpp"

#include <algorithm>

#include <unistd.h>

#include "moor/ctl/named_files.hpp"
#include "moor/ctl/output.hpp"

namespace moor::ctl {

exit_code verdict(const check_report& report, bool strict) {
  if (!report.settings.ok())
    return exit_code::bad_configuration;
  if (!report.seen || report.seen->why)
    return exit_code::cannot_connect;
  // The settings hold, so that remarks are warnings.
  const bool warned
    = !report.settings.remarks.empty() || std::ranges::any_of(report.advised, &advice::is_warning);
  return strict && warned ? exit_code::warnings : exit_code::fine;
}

exit_code run_check(const check_options& options) {
  check_report report{load_configuration(options.from), {}, {}, {}, {}};
  const auto& with = report.settings.settings.value;
  if (report.settings.ok())
    add_findings(report.settings, judge_named_files(with, report.settings.settings.from));
  if (report.settings.ok()) {
    report.where = target_of(with.uri.reveal());
    report.seen = probe(with, options.timeout);
    report.advised = advise(with, report.where, *report.seen);
  }
  report.how = verdict(report, options.strict);
  return print(options.json ? as_json(report) : as_text(report, paint{wants_colour(STDOUT_FILENO)}),
               report.how);
}

} // namespace moor::ctl
