#include "moor/config/validate.hpp"

#include "moor/config/setting_table.hpp"

namespace moor {

namespace {

/// A connection string that nobody gave; unlike every other setting it has no default.
finding missing(const setting_entry& entry) {
  return {std::string{entry.key},
          std::nullopt,
          source::profile,
          "not set anywhere",
          "is required",
          "allowed is " + entry.allowed() + ", given by " + name_in(source::environment, entry)
            + ", by " + name_in(source::command_line, entry) + " or as "
            + name_in(source::file, entry) + " in the config file"};
}

std::optional<finding> judge(const settings& values, const setting_entry& entry,
                             const origin& from) {
  if (from.from == source::profile && entry.print(values).empty())
    return missing(entry);
  auto problem = entry.problem(values);
  if (problem.empty())
    return std::nullopt;
  return finding_about(entry, from, values.profile, entry.print(values), std::move(problem));
}

/// Whether a setting may be compared with another one: it was read, and is in its own range.
bool is_sound(const settings& values, const origins& from, std::size_t index) {
  return origin_at(from, index).readable && setting_table()[index].problem(values).empty();
}

std::optional<finding> judge(const settings& values, const origins& from,
                             const ordered_pair& pair) {
  const auto smaller = index_of(pair.smaller).value();
  const auto larger = index_of(pair.larger).value();
  if (!is_sound(values, from, smaller) || !is_sound(values, from, larger) || pair.in_order(values))
    return std::nullopt;
  const auto& entry = setting_table()[smaller];
  const auto& other = setting_table()[larger];
  auto result = finding_about(entry, origin_at(from, smaller), values.profile, entry.print(values),
                              (pair.apart ? "is not smaller than " : "is larger than ")
                                + std::string{other.key});
  result.advice = (pair.apart ? "allowed is less than " : "allowed is at most ")
                  + other.print(values) + ", the value of " + std::string{other.key} + " ("
                  + place_in(origin_at(from, larger), other, values.profile) + ")";
  return result;
}

} // namespace

std::vector<finding> validate(const settings& values, const origins& from) {
  std::vector<finding> result;
  const auto note = [&](std::optional<finding> what) {
    if (what)
      result.push_back(*std::move(what));
  };
  const auto table = setting_table();
  for (std::size_t i = 0; i < table.size(); ++i)
    if (const auto where = origin_at(from, i); where.readable)
      note(judge(values, table[i], where));
  for (const auto& pair : ordered_pairs())
    note(judge(values, from, pair));
  return result;
}

} // namespace moor
