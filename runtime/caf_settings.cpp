#include "moor/runtime/caf_settings.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>

#include <caf/config_option.hpp>
#include <caf/config_option_set.hpp>
#include <caf/config_value.hpp>
#include <caf/expected.hpp>

#include "moor/config/connection_string.hpp"
#include "moor/config/parse.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/messages/type_ids.hpp"
#include "moor/runtime/environment.hpp"

namespace moor {

/// What the command line said about one setting. CAF keeps a pointer to it in the option.
struct caf_settings::argument {
  const setting_entry* entry;
  std::optional<std::string> text;

  /// CAF calls this for command line arguments alone: values of a file only pass `check` and
  /// `store`. What CAF keeps, and prints on --dump-config, is free of secrets.
  static caf::expected<caf::config_value> parse(void* self, caf::string_view text) {
    auto& target = *static_cast<argument*>(self);
    target.text.emplace(text.begin(), text.end());
    return caf::config_value{target.entry->secret ? redact(*target.text) : *target.text};
  }

  static const caf::config_option::meta_state* meta(setting_kind kind);
};

/// CAF keeps pointers into it.
struct caf_settings::state {
  std::vector<argument> arguments;
  std::optional<std::string> config_file; ///< of the command line

  static caf::expected<caf::config_value> parse_config_file(void* self, caf::string_view text) {
    auto& target = static_cast<state*>(self)->config_file;
    target.emplace(text.begin(), text.end());
    return caf::config_value{*target};
  }
};

namespace {

constexpr caf::string_view section{"moor", 4};

caf::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

/// Every type passes, or CAF would drop a value of the wrong type without a word; `load` judges it.
caf::error accept(const caf::config_value&) {
  return caf::none;
}

/// `load` reads what CAF keeps; nothing is bound to the option.
void ignore(void*, const caf::config_value&) {
  // nop
}

caf::config_value nothing(const void*) {
  return {};
}

/// Meaning, defaults and the other way to set it; the unit stands in the option's type.
std::string help_text(const setting_entry& entry) {
  const auto development = entry.print(settings_for(profile::development));
  const auto production = entry.print(settings_for(profile::production));
  std::string defaults = "required";
  if (entry.key == "profile")
    defaults = "default: " + development;
  else if (!development.empty())
    defaults = development == production
                 ? "default: " + development
                 : "default: " + production + " in production, " + development + " in development";
  return std::string{entry.meaning} + " (" + defaults + "; " + std::string{entry.environment} + ")";
}

/// The text of a real number, recognisable as one: 20.0 is no count.
std::string real_text(double number) {
  auto text = format_number(number);
  return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

struct to_raw {
  const setting_entry* entry;

  raw_value operator()(const std::string& x) const { return make(x, ""); }
  raw_value operator()(caf::atom_value x) const { return make(caf::to_string(x), ""); }
  raw_value operator()(const caf::uri& x) const { return make(caf::to_string(x), ""); }
  raw_value operator()(std::int64_t x) const { return make(std::to_string(x), not_text()); }
  raw_value operator()(double x) const { return make(real_text(x), not_text()); }
  raw_value operator()(caf::timespan x) const { return make(format_duration(x), not_text()); }
  raw_value operator()(bool x) const {
    if (entry->kind == setting_kind::toggle)
      return make(x ? "on" : "off", "");
    return make(x ? "true" : "false", "is a boolean, not a " + std::string{to_string(entry->kind)});
  }
  raw_value operator()(const caf::config_value::list&) const { return make("[...]", "is a list"); }
  raw_value operator()(const caf::config_value::dictionary&) const {
    return make("{...}", "is a group");
  }

  /// Numbers and durations become text by which their own kinds recognise them; a text is quoted.
  std::string not_text() const {
    const bool word = entry->kind == setting_kind::text || entry->kind == setting_kind::toggle;
    return word ? "is not a text in double quotes" : "";
  }

  raw_value make(std::string text, std::string problem) const {
    return {std::string{entry->key}, std::move(text), std::move(problem)};
  }
};

constexpr std::string_view prefix = "--moor.";
constexpr std::string_view config_key = "config";

using config_parser = caf::expected<caf::config_value> (*)(void*, caf::string_view);

/// `--moor.config`, which is no setting of a pool. `parse` gets `target`.
void add_config_file(caf::config_option_set& options, void* target, config_parser parse) {
  static const caf::config_option::meta_state meta{accept, ignore, nothing, parse, "file"};
  constexpr std::string_view help = "TOML file of settings (MOOR_CONFIG)";
  options.add(caf::config_option{section, view(config_key), view(help), &meta, target});
  options.add(caf::config_option{"global", "moor.config", view(help), &meta, nullptr});
}

/// Whether everybody on this machine may read CAF's config file.
bool is_exposed(const caf::actor_system_config& config) {
  struct stat about {};
  return ::stat(config.config_file_path.c_str(), &about) == 0 && S_ISREG(about.st_mode)
         && (about.st_mode & S_IROTH) != 0;
}

} // namespace

const caf::config_option::meta_state* caf_settings::argument::meta(setting_kind kind) {
  static const auto all = [] {
    std::vector<caf::config_option::meta_state> result;
    for (const auto one : {setting_kind::count, setting_kind::time, setting_kind::fraction,
                           setting_kind::number, setting_kind::text, setting_kind::toggle})
      result.push_back({accept, ignore, nothing, parse, std::string{to_string(one)}});
    return result;
  }();
  return &all.at(static_cast<std::size_t>(kind));
}

caf_settings::caf_settings(caf::actor_system_config& config, caf::config_option_set& options)
  : state_{std::make_unique<state>()} {
  add_config_file(options, state_.get(), state::parse_config_file);
  for (const auto& entry : setting_table())
    state_->arguments.push_back({&entry, std::nullopt});
  for (auto& slot : state_->arguments) {
    const auto& entry = *slot.entry;
    const auto help = help_text(entry);
    const auto* meta = argument::meta(entry.kind);
    options.add(caf::config_option{section, view(entry.key), view(help), meta, &slot});
    // CAF's --help lists only its category "global"; this twin is there to be listed, and cannot be
    // found under its dotted name by the command line or a file.
    const auto full = "moor." + std::string{entry.key};
    options.add(caf::config_option{"global", view(full), view(help), meta, nullptr});
  }
  config.add_message_types<caf::id_block::moor>();
  const auto category = make_error(errc::stopped).category();
  config.add_error_category(
    category, [](std::uint8_t code, caf::atom_value kind, const caf::message& context) {
      return describe(caf::error{code, kind, context});
    });
}

caf_settings::caf_settings(caf_settings&&) noexcept = default;
caf_settings::~caf_settings() = default;

const std::string* caf_settings::given(std::string_view key) const {
  const auto index = index_of(key);
  if (!index)
    return nullptr;
  const auto& text = state_->arguments[*index].text;
  return text ? &*text : nullptr;
}

layer caf_settings::command_line(const caf::actor_system_config& config) const {
  layer result{source::command_line, {}};
  for (const auto& slot : state_->arguments)
    if (slot.text)
      result.values.push_back({std::string{slot.entry->key}, *slot.text});
  // CAF leaves over what follows the first argument that is no option, and moor's among them would
  // be lost in silence. After a bare "--" they are meant to be; before it CAF may leave over what
  // it read.
  for (const auto& left_over : config.remainder) {
    if (left_over == "--")
      break;
    if (!left_over.starts_with(prefix))
      continue;
    const auto equals = std::min(left_over.find('='), left_over.size());
    const auto key = left_over.substr(prefix.size(), equals - prefix.size());
    const auto text = left_over.substr(std::min(equals + 1, left_over.size()));
    if (const auto* known = given(key); known == nullptr || *known != text)
      result.values.push_back(
        {key, text, "stands behind the first argument that is no option, where CAF reads none"});
  }
  return result;
}

layer caf_settings::file(const caf::actor_system_config& config) const {
  layer result{source::file, {}};
  const auto* entries = caf::get_if(&caf::content(config), section);
  if (entries == nullptr)
    return result;
  const auto* group = caf::get_if<caf::settings>(entries);
  if (group == nullptr) {
    result.values.push_back({std::string{section.begin(), section.end()}, {}});
    return result;
  }
  const bool exposed = is_exposed(config);
  for (const auto& [key, value] : *group) {
    if (key == config_key)
      continue;
    const auto index = index_of(key);
    if (!index)
      result.values.push_back({key, {}});
    else if (given(key) == nullptr) // else CAF has put the command line's value in the file's place
      result.values.push_back(caf::visit(to_raw{&setting_table()[*index]}, value));
  }
  for (auto& one : result.values)
    one.exposed = exposed;
  return result;
}

setting_sources caf_settings::sources(const caf::actor_system_config& config, layer code) const {
  setting_sources result{command_line(config), file(config), std::move(code)};
  if (state_->config_file) {
    result.config_file = *state_->config_file;
    result.config_place = "command line option --moor.config";
  } else if (config_file_of_environment()) {
    return result; // which is stronger than CAF's file
  } else if (const auto* value = caf::get_if(&caf::content(config), "moor.config")) {
    const auto* path = caf::get_if<std::string>(value);
    result.config_file = path != nullptr ? *path : "";
    result.config_place = to_string(source::file);
  }
  return result;
}

resolved caf_settings::load(const caf::actor_system_config& config, layer code) const {
  return load_settings(sources(config, std::move(code)));
}

resolved_pools caf_settings::load_pools(const caf::actor_system_config& config, layer code) const {
  return moor::load_pools(sources(config, std::move(code)));
}

} // namespace moor
