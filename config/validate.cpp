#include "moor/config/validate.hpp"

#include <algorithm>
#include <iterator>

#include "moor/config/connection_string.hpp"
#include "moor/config/endpoint_rules.hpp"
#include "moor/config/policy.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/uri_options.hpp"

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
            + name_in(source::file, entry) + " in the config file, or by a file that "
            + name_in(source::environment, setting_table()[index_of("uri-file").value()])
            + " or uri-file names"};
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
  if (gives_way(values, from, pair))
    result.grade = severity::warning;
  return result;
}

finding finding_in(const uri_finding& what, const std::string& where, severity grade) {
  return {what.kind == uri_problem::unknown ? printable(what.option) : what.option,
          std::nullopt,
          source::connection_string,
          "option of the connection string, " + where,
          what.problem,
          what.advice,
          grade};
}

/// What is wrong with the options of the connection string, and what the policy says of it.
std::vector<finding> judge_uri(const settings& values, const origins& from) {
  const auto index = index_of("uri").value();
  const auto origin = origin_at(from, index);
  const auto parsed = parse_connection_string(values.uri.reveal());
  const auto* uri = std::get_if<connection_string>(&parsed);
  if (uri == nullptr || !origin.readable)
    return {};
  std::vector<finding> result;
  const auto options = read_options(*uri);
  const auto where = place_in(origin, setting_table()[index], values.profile);
  for (const auto& one : options.findings) {
    const bool of_a_setting = find_uri_option(one.option) != nullptr;
    if (of_a_setting && !from.empty())
      continue; // `resolve` has judged it
    result.push_back(
      finding_in(one, where, of_a_setting ? severity::warning : severity_in(values.profile, one)));
  }
  auto refused = judge_policy(values, *uri, options, {origin.from, where});
  std::move(refused.begin(), refused.end(), std::back_inserter(result));
  return result;
}

} // namespace

bool gives_way(const settings& values, const origins& from, const ordered_pair& pair) noexcept {
  return values.profile == profile::development
         && origin_at(from, index_of(pair.smaller).value()).from == source::connection_string;
}

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
  const auto listen = index_of("http-listen").value();
  for (auto found :
       {judge_uri(values, from),
        is_sound(values, from, listen) ? judge_endpoint(values, origin_at(from, listen))
                                       : std::vector<finding>{},
        judge_endpoint_parts(values, from)})
    std::move(found.begin(), found.end(), std::back_inserter(result));
  return result;
}

} // namespace moor
