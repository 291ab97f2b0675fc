#include "moor/runtime/settings_change.hpp"

#include <cstddef>
#include <utility>

#include "moor/config/effective.hpp"
#include "moor/config/setting_table.hpp"

namespace moor {

namespace {

/// What is printed of the one secret does not tell it from another.
bool is_same(const setting_entry& entry, const settings& a, const settings& b) {
  return entry.secret ? a.uri == b.uri : entry.print(a) == entry.print(b);
}

void keep(const setting_entry& entry, const settings& from, settings& into) {
  if (entry.secret)
    into.uri = from.uri;
  else
    entry.assign(into, entry.print(from));
}

changed_setting change_of(const setting_entry& entry, const settings& before,
                          const settings& after) {
  changed_setting result{std::string{entry.key}, entry.print(before), entry.print(after)};
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
    if (is_same(entry, in_force.value, wanted.value))
      continue;
    const auto kept = stays(entry, other_servers);
    if (kept) {
      keep(entry, in_force.value, all.result.value);
      all.result.from[i] = origin_at(in_force.from, i);
    }
    (kept ? all.needs_restart : all.changed)
      .push_back(change_of(entry, in_force.value, wanted.value));
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

std::string in_a_line(finding what) {
  what.grade = severity::error;
  auto text = to_string(what);
  text.erase(text.find_last_not_of('.') + 1);
  return text;
}

std::string in_words(const std::vector<finding>& findings) {
  const auto refused = has_errors(findings);
  std::string all;
  for (const auto& f : findings)
    if (f.grade == severity::error || !refused)
      all += (all.empty() ? "" : "; ") + in_a_line(f);
  return all;
}

} // namespace moor
