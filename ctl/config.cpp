#include "moor/ctl/config.hpp"

#include <iostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "moor/config/effective.hpp"
#include "moor/ctl/configuration.hpp"
#include "moor/ctl/format.hpp"
#include "moor/ctl/json.hpp"
#include "moor/ctl/output.hpp"
#include "moor/ctl/setting_lines.hpp"

namespace moor::ctl {

namespace {

std::string as_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text.append(line).append("\n");
  return text;
}

std::string in_form(const configuration& what, const config_options& options) {
  using form = config_options::form;
  switch (options.how) {
    case form::json: return line_of(json_of(what, options.given_only));
    case form::text: return as_lines(setting_lines(what.rows, options.given_only));
    case form::toml: return write_toml(what.settings.value, what.settings.from);
    case form::file_template: return write_template(what.settings.value.profile);
  }
  return {};
}

} // namespace

exit_code run_config(const config_options& options) {
  using form = config_options::form;
  const auto what = load_configuration(options.from);
  const bool judged = options.how != form::file_template;
  const auto how = judged && !what.ok() ? exit_code::bad_configuration : exit_code::fine;
  const auto written = print(in_form(what, options), how);
  if (written != how || !judged || options.how == form::json)
    return written;
  for (const auto& one : what.remarks)
    std::cerr << "moorctl: " << (one.is_error ? "error: " : "warning: ") << harmless(one.text)
              << '\n';
  return how;
}

} // namespace moor::ctl
