#include "moor/runtime/settings_change.hpp"

#include <cstddef>
#include <utility>

#include "moor/config/connection_string.hpp"
#include "moor/config/effective.hpp"
#include "moor/config/setting_table.hpp"

namespace moor {

namespace {

std::string shown_value(const setting_entry& entry, const std::string& value) {
  return entry.secret ? redact(value) : value;
}

changed_setting change_of(const setting_entry& entry, const std::string& before,
                          const std::string& after) {
  changed_setting result{std::string{entry.key}, shown_value(entry, before),
                         shown_value(entry, after)};
  if (result.before == result.after)
    result.after += " (differs in what is not shown)";
  return result;
}

bool stays(const setting_entry& entry, bool other_servers) {
  return entry.when == takes_effect::after_restart || (other_servers && entry.key == "uri");
}

} // namespace

settings_change change_between(const sourced_settings& in_force, const sourced_settings& wanted,
                               bool other_servers) {
  settings_change all;
  all.result = wanted;
  const auto table = setting_table();
  all.result.from.resize(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& entry = table[i];
    const auto before = entry.print(in_force.value);
    const auto after = entry.print(wanted.value);
    const auto kept = stays(entry, other_servers);
    if (kept && before != after) {
      entry.assign(all.result.value, before);
      all.result.from[i] = origin_at(in_force.from, i);
    }
    if (before != after)
      (kept ? all.needs_restart : all.changed).push_back(change_of(entry, before, after));
  }
  return all;
}

std::vector<setting_view> views_of(const sourced_settings& all) {
  std::vector<setting_view> views;
  for (auto& one : effective_config(all.value, all.from))
    views.push_back({std::string{one.entry->key}, std::move(one.value), std::move(one.place)});
  return views;
}

std::string in_words(const std::vector<changed_setting>& changes) {
  std::string all;
  for (const auto& c : changes)
    all += (all.empty() ? "" : "; ") + c.key + ": " + c.before + " -> " + c.after;
  return all;
}

std::string in_words(const std::vector<finding>& findings) {
  std::string all;
  for (const auto& f : findings)
    all += (all.empty() ? "" : "; ") + to_string(f);
  return all;
}

} // namespace moor
