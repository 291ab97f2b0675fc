#include "moor/ctl/config.hpp"

#include <iostream>

#include <nlohmann/json.hpp>

#include "moor/config/effective.hpp"
#include "moor/ctl/configuration.hpp"
#include "moor/ctl/format.hpp"
#include "moor/ctl/json.hpp"
#include "moor/ctl/setting_lines.hpp"

namespace moor::ctl {

namespace {

void print(const configuration& what, const config_options& options) {
  using form = config_options::form;
  switch (options.how) {
    case form::json: std::cout << line_of(json_of(what, options.given_only)); break;
    case form::text:
      for (const auto& line : setting_lines(what.rows, options.given_only))
        std::cout << line << '\n';
      break;
    case form::toml: std::cout << write_toml(what.settings.value, what.settings.from); break;
    case form::file_template: std::cout << write_template(what.settings.value.profile); break;
  }
}

} // namespace

exit_code run_config(const config_options& options) {
  const auto what = load_configuration(options.from);
  print(what, options);
  std::cout << std::flush;
  if (options.how == config_options::form::file_template)
    return exit_code::fine;
  if (options.how != config_options::form::json)
    for (const auto& one : what.remarks)
      std::cerr << "moorctl: " << (one.is_error ? "error: " : "warning: ") << harmless(one.text)
                << '\n';
  return what.ok() ? exit_code::fine : exit_code::bad_configuration;
}

} // namespace moor::ctl
