#include "moor/ctl/command_line.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "moor/config/credentials.hpp"
#include "moor/config/finding.hpp"
#include "moor/config/parse.hpp"
#include "moor/config/text.hpp"
#include "moor/ctl/help.hpp"
#include "moor/ctl/version.hpp"

namespace moor::ctl {

namespace {

constexpr std::string_view setting_prefix = "--moor.";

/// What CLI11 writes into: texts that its validators let pass.
struct raw_options {
  std::string uri;
  std::string check_timeout = "15s";
  std::string interval = "1s";
  std::string top_timeout = "5s";
  check_options check;
  config_options config;
  top_options top;
  bool toml = false;
  bool config_json = false;
  bool write_template = false;
};

CLI::Validator span_from_to(duration least, duration most) {
  const auto problem = [=](const std::string& text) -> std::string {
    const auto span = parse_duration(text);
    if (span && *span.value >= least && *span.value <= most)
      return {};
    return printable(text) + (span ? " is out of range" : " " + span.problem) + "; allowed is from "
           + format_duration(least) + " to " + format_duration(most);
  };
  return CLI::Validator{problem, {}};
}

std::string with_blank_line(std::string_view text) {
  return std::string{text} + '\n';
}

void add_pool(CLI::App& command, setting_arguments& into) {
  command.add_option("--pool", into.pool, "Pool of a TOML file that has several")
    ->type_name("NAME");
}

void add_check(CLI::App& app, raw_options& into) {
  using namespace std::chrono_literals;
  auto* command = app.add_subcommand("check", with_blank_line(about_check));
  command->footer(std::string{after_check});
  command->add_option("URI", into.uri, "Connection string, without a password")->type_name("");
  command
    ->add_option("--timeout", into.check_timeout, "All of the connection takes so long at most")
    ->check(span_from_to(1ms, 10min))
    ->type_name("DURATION")
    ->capture_default_str();
  add_pool(*command, into.check.from);
  command->add_flag("--strict", into.check.strict, "Warnings end with exit code 4");
  command->add_flag("--json", into.check.json, "Print one JSON object");
}

void add_config(CLI::App& app, raw_options& into) {
  auto* command = app.add_subcommand("config", with_blank_line(about_config));
  command->footer(std::string{after_config});
  auto* json = command->add_flag("--json", into.config_json, "Print one JSON object");
  auto* toml = command->add_flag("--toml", into.toml, "Print a TOML file of the settings in force");
  auto* from_template = command->add_flag("--write-template", into.write_template,
                                          "Print a commented TOML file to fill in");
  auto* given = command->add_flag("--given", into.config.given_only,
                                  "Leave out the settings that have their defaults");
  add_pool(*command, into.config.from);
  toml->excludes(json)->excludes(given);
  from_template->excludes(json)->excludes(toml)->excludes(given);
}

void add_top(CLI::App& app, raw_options& into) {
  using namespace std::chrono_literals;
  auto* command = app.add_subcommand("top", with_blank_line(about_top));
  command->footer(std::string{after_top});
  into.top.address = "127.0.0.1:9464";
  command
    ->add_option("ADDRESS", into.top.address,
                 "host:port, or a URL beginning with http:// or https://")
    ->type_name("")
    ->capture_default_str();
  auto* user
    = command->add_option("--user", into.top.user, "User that the component asks for (http-user)")
        ->type_name("NAME");
  auto* password = command
                     ->add_option("--password-file", into.top.password_file,
                                  "File whose first line is the password")
                     ->type_name("FILE");
  user->needs(password);
  password->needs(user);
  command
    ->add_option("--ca-file", into.top.authorities_file,
                 "PEM file of authorities to trust in place of the system's")
    ->type_name("FILE");
  command->add_option("--interval", into.interval, "Time between two refreshments")
    ->check(span_from_to(100ms, 1h))
    ->type_name("DURATION")
    ->capture_default_str();
  command->add_option("--timeout", into.top_timeout, "An answer takes so long at most")
    ->check(span_from_to(1ms, 10min))
    ->type_name("DURATION")
    ->capture_default_str();
  command->add_flag("--once", into.top.once, "Print one snapshot and end");
  command->add_flag("--json", into.top.json, "Print one snapshot, the component's /stats as it is");
}

std::unique_ptr<CLI::App> make_app(raw_options& into) {
  auto app = std::make_unique<CLI::App>(with_blank_line(about_moorctl), "moorctl");
  app->footer(std::string{after_moorctl});
  app->set_version_flag("--version", "moorctl " + std::string{version});
  app->require_subcommand(1);
  app->set_help_flag("-h,--help", "Print this help and end");
  add_check(*app, into);
  add_config(*app, into);
  add_top(*app, into);
  return app;
}

/// Takes `--moor.KEY=VALUE` out of `arguments`, or says which of them lacks its value.
std::variant<layer, message> take_settings(std::vector<std::string>& arguments) {
  layer result{source::command_line, {}};
  const auto is_setting = [](const std::string& x) { return x.starts_with(setting_prefix); };
  for (const std::string_view argument : arguments) {
    if (!argument.starts_with(setting_prefix))
      continue;
    const auto pair = argument.substr(setting_prefix.size());
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos)
      return message{"moorctl: " + printable(argument)
                       + " has no value; allowed is --moor.KEY=VALUE with the equals sign\n",
                     exit_code::usage};
    result.values.push_back(
      {std::string{pair.substr(0, equals)}, std::string{pair.substr(equals + 1)}});
  }
  std::erase_if(arguments, is_setting);
  return result;
}

bool has_password(const raw_value& value) {
  return value.key == "uri" && has_credential(value.text);
}

invocation refused(std::string text) {
  return message{"moorctl: " + std::move(text) + "\n", exit_code::usage};
}

/// What is wrong if an argument is empty, as an unset variable of a shell makes one: CLI11 would
/// take it for one that was not given.
std::string emptiness_in(const std::vector<std::string>& arguments) {
  const auto found = std::ranges::find(arguments, std::string{});
  return found == arguments.end()
           ? std::string{}
           : "argument " + std::to_string(found - arguments.begin())
               + " is empty; allowed is to leave it out, or what --help lists";
}

/// Names the first of the arguments that nothing takes, without its value: it may be a password
/// that was meant for an option which is not there.
std::string surplus_in(const std::vector<std::string>& rest) {
  const auto first = rest.empty() ? std::string{} : rest.front();
  const auto name = first.starts_with('-') ? first.substr(0, first.find('=')) : first;
  return printable(name) + " is not expected; --help lists the options of each command";
}

/// The words of CLI11, which quotes arguments, with all redacted that may be a connection string.
std::string without_secrets(std::string text, const std::vector<std::string>& arguments) {
  for (const auto& argument : arguments) {
    const auto value
      = argument.starts_with('-') ? argument.substr(argument.find('=') + 1) : argument;
    if (value.find('@') == std::string::npos && value.find("://") == std::string::npos)
      continue;
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value))
      text.replace(at, value.size(), "***");
  }
  return text;
}

/// What is wrong with the first argument; CLI11 would only say that a command is wanted.
std::string command_problem(const std::vector<std::string>& arguments) {
  constexpr std::string_view advice = "; allowed is check, config or top (moorctl --help explains)";
  if (arguments.empty())
    return "a command is wanted" + std::string{advice};
  const auto& first = arguments.front();
  if (first.starts_with('-') || first == "check" || first == "config" || first == "top")
    return {};
  return printable(first) + " is no command" + std::string{advice};
}

duration span_of(const std::string& text) {
  return parse_duration(text).value.value_or(duration::zero()); // the validator let it pass
}

invocation chosen(const CLI::App& app, raw_options& from, layer settings) {
  if (!from.uri.empty())
    settings.values.push_back({"uri", from.uri, {}, "argument URI"});
  if (std::ranges::any_of(settings.values, has_password))
    return refused("a connection string with a password is not for the command line, where every "
                   "user of the machine can read it; set the environment variable MONGODB_URI or "
                   "MONGODB_URI_FILE");
  if (app.got_subcommand("check")) {
    from.check.from.settings = std::move(settings);
    from.check.timeout = span_of(from.check_timeout);
    return std::move(from.check);
  }
  if (app.got_subcommand("config")) {
    using form = config_options::form;
    from.config.from.settings = std::move(settings);
    from.config.how = from.write_template ? form::file_template
                      : from.toml         ? form::toml
                      : from.config_json  ? form::json
                                          : form::text;
    return std::move(from.config);
  }
  if (!settings.values.empty())
    return refused("top takes no settings (--moor.KEY=VALUE): it looks at a program that has its "
                   "own");
  from.top.interval = span_of(from.interval);
  from.top.timeout = span_of(from.top_timeout);
  return std::move(from.top);
}

} // namespace

invocation read_command_line(const std::vector<std::string>& arguments) {
  std::vector<std::string> rest{arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end()};
  auto settings = take_settings(rest);
  if (auto* problem = std::get_if<message>(&settings))
    return std::move(*problem);
  if (auto problem = command_problem(rest); !problem.empty())
    return refused(std::move(problem));
  if (auto problem = emptiness_in(arguments); !problem.empty())
    return refused(std::move(problem));
  raw_options raw;
  const auto app = make_app(raw);
  try {
    std::reverse(rest.begin(), rest.end()); // CLI11 takes them from the end
    app->parse(rest);
  } catch (const CLI::ExtrasError&) {
    return refused(surplus_in(app->remaining(true)));
  } catch (const CLI::ParseError& e) {
    std::ostringstream output;
    std::ostringstream errors;
    const bool is_asked_for = app->exit(e, output, errors) == 0;
    return is_asked_for
             ? message{output.str(), exit_code::fine}
             : message{"moorctl: " + without_secrets(errors.str(), arguments), exit_code::usage};
  }
  return chosen(*app, raw, std::get<layer>(std::move(settings)));
}

} // namespace moor::ctl
