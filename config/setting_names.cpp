#include <algorithm>

#include "moor/config/connection_string.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"

namespace moor {

namespace {

/// A name of any source in the spelling of keys: `MOOR_MAX_IDLE_TIME` becomes `max-idle-time`.
std::string as_key(std::string_view name) {
  if (name.starts_with("MOOR_"))
    name.remove_prefix(5);
  auto key = to_lower(name);
  std::replace(key.begin(), key.end(), '_', '-');
  return key;
}

} // namespace

bool names_secret_file(const setting_entry& entry) noexcept {
  return entry.key == "uri-file" || entry.key == "password-file"
         || entry.key == "http-password-file";
}

bool may_be_secret(std::string_view file) noexcept {
  return !file.starts_with('/') && !file.starts_with("./") && !file.starts_with("../");
}

std::string name_in(source from, const setting_entry& entry) {
  switch (from) {
    case source::environment: return std::string{entry.environment};
    case source::connection_string: return std::string{entry.uri_option};
    case source::command_line: return "--moor." + std::string{entry.key};
    default: return std::string{entry.key};
  }
}

std::string place_in(source from, const setting_entry& entry, profile in_force) {
  switch (from) {
    case source::environment: return "environment variable " + name_in(from, entry);
    case source::connection_string:
      return "option " + name_in(from, entry) + " of the connection string";
    case source::command_line: return "command line option " + name_in(from, entry);
    case source::profile: return "default of the " + std::string{to_string(in_force)} + " profile";
    default: return std::string{to_string(from)};
  }
}

std::string shown(const setting_entry& entry, std::string_view value) {
  if (names_secret_file(entry) && value != "none" && may_be_secret(value))
    return quoted(value.empty() ? "" : "***");
  return entry.secret ? quoted(redact(value)) : printable(value);
}

std::string place_in(const origin& from, const setting_entry& entry, profile in_force) {
  return from.place.empty() ? place_in(from.from, entry, in_force) : from.place;
}

finding finding_about(const setting_entry& entry, const origin& from, profile in_force,
                      std::string_view value, std::string problem) {
  std::string advice = "allowed is " + entry.allowed();
  if (from.from == source::connection_string && entry.kind == setting_kind::time)
    advice += ", in the connection string as a number of milliseconds";
  if (from.from == source::connection_string && value == "0")
    advice += "; moor has neither pools nor waits without a bound";
  return {std::string{entry.key},          shown(entry, value), from.from,
          place_in(from, entry, in_force), std::move(problem),  std::move(advice)};
}

finding finding_about(const settings& values, const origins& from, std::string_view key,
                      std::string problem) {
  const auto index = index_of(key).value();
  const auto& entry = setting_table()[index];
  return finding_about(entry, origin_at(from, index), values.profile, entry.print(values),
                       std::move(problem));
}

std::string nearest_name(source from, std::string_view name) {
  if (name.size() > 64) // longer than any, and each comparison costs as much
    return {};
  const auto key = as_key(name);
  const setting_entry* best = nullptr;
  std::size_t best_distance
    = 2 + key.size() / 6; // one typing error, and one more per six characters
  for (const auto& entry : setting_table()) {
    const bool contained = key.size() >= 5 && entry.key.find(key) != std::string_view::npos;
    const auto distance = contained ? std::size_t{1} : edit_distance(key, entry.key);
    if (distance < best_distance) {
      best = &entry;
      best_distance = distance;
    }
  }
  // Not a setting of a pool, but where more of them stand.
  if (edit_distance(key, "config") < std::min(best_distance, std::size_t{3})) {
    switch (from) {
      case source::environment: return "MOOR_CONFIG";
      case source::command_line: return "--moor.config";
      case source::file: return "config";
      default: break;
    }
  }
  return best == nullptr ? std::string{} : name_in(from, *best);
}

} // namespace moor
