#include "moor/config/effective.hpp"

#include <algorithm>

#include "moor/config/connection_string.hpp"
#include "moor/config/toml_text.hpp"

namespace moor {

namespace {

/// Of what is no secret by itself, but may be one by mistake: variables get mixed up.
std::string without_secrets(const setting_entry& entry, const std::string& value) {
  if (entry.key == "http-password-file" && value != "none" && may_be_secret(value))
    return "***"; // nobody has looked yet whether it is a file
  return !entry.secret && value.find("://") != std::string::npos ? redact(value) : value;
}

std::string assignment(const setting_entry& entry, std::string_view printed) {
  return std::string{entry.key} + " = " + toml_value(entry, printed);
}

/// One word for a source, for programs.
std::string_view word_for(source from) noexcept {
  switch (from) {
    case source::profile: return "profile";
    case source::code: return "code";
    case source::connection_string: return "connection_string";
    case source::file: return "file";
    case source::toml: return "toml";
    case source::environment: return "environment";
    case source::command_line: return "command_line";
    case source::pool: return "pool";
  }
  return "unknown";
}

/// The example of a value that has no default.
std::string example_of(const setting_entry& entry) {
  return entry.key == "uri" ? "mongodb://user@db.example:27017/?replicaSet=rs0&tls=true"
                            : std::string{};
}

std::string other_ways(const setting_entry& entry) {
  auto result = "Also " + std::string{entry.environment} + " in the environment";
  if (!entry.uri_option.empty())
    result += ", " + std::string{entry.uri_option} + " in the connection string";
  return result + ".";
}

std::string template_of(const setting_entry& entry, const settings& defaults) {
  const auto printed = entry.print(defaults);
  const bool chosen = entry.key == "profile"; // decides what the other defaults are
  return toml_comment(entry.meaning) + "\n"
         + toml_comment("A " + std::string{to_string(entry.kind)} + ": " + entry.allowed() + ".")
         + "\n" + toml_comment(other_ways(entry)) + "\n" + (chosen ? "" : "#")
         + assignment(entry, printed.empty() ? example_of(entry) : printed) + "\n\n";
}

} // namespace

std::vector<effective_setting> effective_config(const settings& values, const origins& from) {
  std::vector<effective_setting> result;
  const auto table = setting_table();
  const auto defaults = settings_for(values.profile);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto where = origin_at(from, i);
    result.push_back(
      {&table[i],
       where.readable ? without_secrets(table[i], table[i].print(values)) : std::string{},
       where.from, place_in(where, table[i], values.profile), table[i].print(defaults),
       !where.readable});
  }
  return result;
}

std::string write_text(const settings& values, const origins& from) {
  const auto all = effective_config(values, from);
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const auto& one : all) {
    key_width = std::max(key_width, one.entry->key.size());
    value_width = std::max(value_width, std::min(one.value.size(), std::size_t{24}));
  }
  std::string result;
  for (const auto& one : all) {
    auto line = std::string{one.entry->key};
    line.resize(std::max(line.size(), key_width + 2), ' ');
    const auto end = line.size() + value_width;
    line += one.refused ? "refused" : one.value;
    line.resize(std::max(line.size(), end), ' ');
    line += "  " + one.place;
    if (!one.refused && one.value != one.default_value && !one.default_value.empty())
      line += " (default " + one.default_value + ")";
    result += toml_comment(line).substr(2) + "\n"; // one line, whatever the values are
  }
  return result;
}

std::string write_toml(const settings& values, const origins& from) {
  auto result = toml_comment("The settings in force of the pool " + quoted_string(values.name)
                             + ". Secrets are left out.")
                + "\n[moor]\n";
  for (const auto& one : effective_config(values, from)) {
    if (one.refused)
      result += toml_comment("Refused: " + std::string{one.entry->key} + ", " + one.place) + "\n";
    else if (one.entry->secret)
      result += toml_comment("The secret " + std::string{one.entry->key} + " = "
                             + quoted_string(one.value) + ": " + one.place)
                + "\n";
    else
      result += assignment(*one.entry, one.value) + " " + toml_comment(one.place) + "\n";
  }
  return result;
}

std::string write_json(const settings& values, const origins& from) {
  std::string result = "{\"settings\": [";
  const char* separator = "\n";
  for (const auto& one : effective_config(values, from)) {
    result.append(separator).append("  {\"key\": ").append(quoted_string(one.entry->key));
    result.append(", \"value\": ").append(one.refused ? "null" : quoted_string(one.value));
    result.append(", \"source\": ").append(quoted_string(word_for(one.from)));
    result.append(", \"place\": ").append(quoted_string(one.place));
    result.append(", \"default\": ").append(quoted_string(one.default_value)).append("}");
    separator = ",\n";
  }
  return result + "\n]}\n";
}

std::string write_template(profile which) {
  std::string result = "# Settings of moor with the defaults of the "
                       + std::string{to_string(which)}
                       + " profile.\n"
                         "# Take away the # before a name to set that setting.\n\n[moor]\n\n";
  const auto defaults = settings_for(which);
  for (const auto& entry : setting_table())
    result += template_of(entry, defaults);
  return result
         + "# Several pools: each has what stands above and what its own table says, for instance\n"
           "# [moor.pools.orders]\n"
           "# max-pool-size = 20\n";
}

} // namespace moor
