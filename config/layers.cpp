#include "moor/config/layers.hpp"

#include <algorithm>
#include <span>

#include "moor/config/connection_string.hpp"
#include "moor/config/credentials.hpp"
#include "moor/config/parse.hpp"
#include "moor/config/policy.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"

namespace moor {

namespace {

constexpr auto repeated = "is given more than once";

/// An option of the connection string in the spelling of settings: milliseconds get their unit.
raw_value from_option(const setting_entry& entry, const uri_option& option) {
  raw_value result{std::string{entry.key}, option.value};
  if (entry.kind == setting_kind::time) {
    auto span = parse_milliseconds(option.value);
    if (span)
      result.text = format_duration(*span.value);
    result.problem = std::move(span.problem);
  }
  return result;
}

/// The settings among the options, each once: the last one counts, and says if it was not alone.
std::vector<raw_value> from_options(const connection_string& uri) {
  std::vector<raw_value> result;
  for (const auto& option : uri.options) {
    const auto* entry = find_uri_option(option.key);
    if (entry == nullptr)
      continue;
    auto value = from_option(*entry, option);
    const auto before
      = std::ranges::find_if(result, [&](const raw_value& x) { return x.key == value.key; });
    if (before == result.end()) {
      result.push_back(std::move(value));
      continue;
    }
    if (value.problem.empty())
      value.problem = repeated;
    *before = std::move(value);
  }
  return result;
}

class resolver {
public:
  explicit resolver(const file_reader& read)
    : read_file_{read ? read : refuse_files}, winners_(setting_table().size()) {
    result_.from.assign(setting_table().size(), origin{source::profile});
  }

  resolved run(std::span<const layer* const> layers) {
    for (const auto* one : layers)
      collect(*one);
    const auto profile_index = index_of("profile").value();
    const auto uri_index = index_of("uri").value();
    const auto allow_index = index_of("allow").value();
    const auto uri_file_index = index_of("uri-file").value();
    const auto password_file_index = index_of("password-file").value();
    read(profile_index);
    result_.value = settings_for(result_.value.profile);
    read(allow_index);
    choose_uri(uri_index, uri_file_index);
    for (const auto index : {uri_index, uri_file_index, password_file_index})
      read(index);
    // What the file would have held is not missed on top.
    if (!result_.from[uri_file_index].readable)
      result_.from[uri_index].readable = false;
    judge_exposure(uri_index);
    note(fill_from_files(result_.value, result_.from, read_file_));
    const auto uri = parse_connection_string(result_.value.uri.reveal());
    if (const auto* parts = std::get_if<connection_string>(&uri))
      options_ = from_options(*parts);
    for (auto& option : options_)
      collect_option(option);
    for (std::size_t i = 0; i < winners_.size(); ++i)
      if (i != profile_index && i != allow_index && i != uri_index && i != uri_file_index
          && i != password_file_index)
        read(i);
    lower_defaults();
    note(validate(result_.value, result_.from));
    lower_options();
    return std::move(result_);
  }

private:
  static file_text refuse_files(const std::string& /*path*/) {
    return {{}, "is not read where files are not"};
  }

  void note(std::vector<finding> found) {
    std::move(found.begin(), found.end(), std::back_inserter(result_.findings));
  }

  /// Lets the layer's values replace weaker ones.
  void collect(const layer& one) {
    for (const auto& value : one.values) {
      const auto index = index_of(value.key);
      if (!index) {
        refuse_unknown(one.from, value);
      } else if (one.from >= result_.from[*index].from) {
        winners_[*index] = &value;
        result_.from[*index] = {one.from, true, value.place};
      }
    }
  }

  /// Lets an option of the connection string replace a weaker value. One that cannot be used is an
  /// error in production; in development it is left out, with a warning.
  void collect_option(raw_value& option) {
    const auto index = index_of(option.key).value();
    auto& from = result_.from[index];
    if (from.from > source::connection_string)
      return;
    const auto& entry = setting_table()[index];
    if (auto longest = zero_means(entry, option.text))
      option.text = *std::move(longest);
    settings scratch;
    const auto problem
      = option.problem.empty() ? entry.assign(scratch, option.text) : option.problem;
    if (!problem.empty()) {
      const bool is_refused = result_.value.profile == profile::production;
      auto found = finding_about(entry, {source::connection_string}, result_.value.profile,
                                 option.text, problem);
      found.grade = is_refused ? severity::error : severity::warning;
      result_.findings.push_back(std::move(found));
      if (is_refused) {
        winners_[index] = nullptr;
        from = {source::connection_string, false, {}};
      }
      if (is_refused || problem != repeated || !entry.assign(scratch, option.text).empty())
        return;
    }
    option.problem.clear();
    winners_[index] = &option;
    from.from = source::connection_string;
  }

  std::optional<std::string> zero_means(const setting_entry& entry, std::string_view text) const {
    if (entry.kind != setting_kind::time || parse_duration(text).value != duration::zero())
      return std::nullopt;
    return stand_in_for_zero(entry.key, result_.value.allow);
  }

  /// Its value is not shown: whose it is, and how secret, is unknown.
  void refuse_unknown(source from, const raw_value& what) {
    const auto near = nearest_name(from, what.key);
    result_.findings.push_back(
      {printable(what.key), std::nullopt, from,
       what.place.empty() ? std::string{to_string(from)} : what.place, "is not a setting of moor",
       near.empty() ? "docs/configuration.md lists them all" : "the nearest one is " + near});
  }

  /// A connection string and the name of its file are two ways to say one thing: the stronger
  /// counts.
  void choose_uri(std::size_t uri, std::size_t file) {
    if (!winners_[uri] || !winners_[file] || winners_[file]->text == "none")
      return;
    auto& of_uri = result_.from[uri];
    auto& of_file = result_.from[file];
    if (of_uri.from == of_file.from) {
      const auto& entry = setting_table()[file];
      result_.findings.push_back(finding_about(entry, of_file, result_.value.profile,
                                               winners_[file]->text,
                                               "is given beside the string itself"));
      result_.findings.back().advice = "allowed is either of "
                                       + name_in(of_uri.from, setting_table()[uri]) + " and "
                                       + name_in(of_file.from, entry);
    }
    // Of two in one source the string stands in for both, so that it is judged, too.
    const auto weaker = of_file.from > of_uri.from ? uri : file;
    winners_[weaker] = nullptr;
    result_.from[weaker] = {source::profile};
  }

  /// Arguments are visible to every user of the machine, and so are some files.
  void judge_exposure(std::size_t index) {
    const auto* winner = winners_[index];
    const bool argument = result_.from[index].from == source::command_line;
    const bool exposed = winner != nullptr && winner->exposed
                         && !result_.value.allow.has(allowance::world_readable_secrets);
    if (winner == nullptr || !(argument || exposed) || !has_credential(result_.value.uri.reveal()))
      return;
    auto what = finding_about(
      setting_table()[index], result_.from[index], result_.value.profile, winner->text,
      argument ? "shows a password to everybody on this machine"
               : "stands with a password in a file that everybody on this machine can read");
    what.advice
      = argument
          ? "allowed is a connection string without one beside a password-file, or a uri-file"
          : "allowed is a mode without rights for others, 0600 for instance";
    result_.findings.push_back(
      policy_finding(argument ? "password-on-command-line" : "world-readable-secrets",
                     result_.value.profile, std::move(what)));
  }

  /// Reads the strongest value of a setting, if it was given at all.
  void read(std::size_t index) {
    const auto* winner = winners_[index];
    if (!winner)
      return;
    const auto& entry = setting_table()[index];
    auto& from = result_.from[index];
    const auto longest = zero_means(entry, winner->text);
    const std::string_view text = longest ? *longest : winner->text; // no copy: may be a secret
    auto problem = winner->problem.empty() ? entry.assign(result_.value, text) : winner->problem;
    if (problem.empty())
      return;
    from.readable = false;
    result_.findings.push_back(
      finding_about(entry, from, result_.value.profile, winner->text, std::move(problem)));
  }

  void lower_defaults() {
    for (const auto& pair : ordered_pairs())
      if (result_.from[index_of(pair.smaller).value()].from == source::profile
          && !pair.in_order(result_.value))
        pair.lower(result_.value);
  }

  void lower_options() {
    for (const auto& pair : ordered_pairs())
      if (gives_way(result_.value, result_.from, pair) && !pair.in_order(result_.value))
        pair.lower(result_.value);
  }

  file_reader read_file_;
  /// Of the layers and of `options_`, which stay as they are: they may hold secrets.
  std::vector<const raw_value*> winners_;
  std::vector<raw_value> options_;
  resolved result_;
};

} // namespace

resolved resolve_layers(std::span<const layer* const> layers, const file_reader& read) {
  return resolver{read}.run(layers);
}

resolved resolve(const std::vector<layer>& layers, const file_reader& read) {
  std::vector<const layer*> all;
  all.reserve(layers.size());
  for (const auto& one : layers)
    all.push_back(&one);
  return resolve_layers(all, read);
}

std::vector<std::string> explain(const resolved& what) {
  std::vector<std::string> result;
  const auto table = setting_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto from = origin_at(what.from, i);
    result.push_back(std::string{table[i].key}
                     + (from.readable ? " = " + shown(table[i], table[i].print(what.value))
                                      : std::string{" is refused"})
                     + " (" + place_in(from, table[i], what.value.profile) + ")");
  }
  return result;
}

} // namespace moor
