#include "moor/config/uri_options.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "moor/config/uri_rules.hpp"
#include "moor/config/uri_value.hpp"

namespace moor {

namespace {

/// One option as it stands in the string.
struct given_option {
  const uri_option_entry* written = nullptr;
  std::string key;
  std::string value;

  bool is_former() const noexcept { return !written->now_called.empty(); }
};

/// All that the string says of one option of the specification, by whichever name.
struct option_group {
  const uri_option_entry* entry = nullptr;
  std::vector<given_option> given;
};

const uri_option_entry* canonical(const uri_option_entry& written) {
  if (written.name == "ssl")
    return uri_option_named("tls");
  return written.now_called.empty() ? &written : uri_option_named(written.now_called);
}

/// Whether the names of options may be parts of a password that was cut at an unescaped '?': an '@'
/// follows, and no user info precedes.
bool is_doubtful(const connection_string& uri) {
  const auto has_at = [](const std::string& text) { return text.find('@') != std::string::npos; };
  return !uri.user
         && (has_at(uri.database) || std::ranges::any_of(uri.options, [&](const uri_option& x) {
               return has_at(x.key) || has_at(x.value);
             }));
}

/// Whether the option's value is a secret, or may hold one. An '&' in it that was not written %26
/// ends it, and the rest reads as the name of the next option.
bool is_secret(const uri_option_entry& entry) {
  return entry.name == "tlsCertificateKeyFilePassword" || entry.name == "proxyPassword"
         || entry.name == "authMechanismProperties";
}

class reader {
public:
  explicit reader(const connection_string& uri) : uri_(uri) {}

  uri_options run() {
    collect();
    std::vector<std::string_view> given;
    for (const auto& group : groups_) {
      given.push_back(group.entry->name);
      read(group);
    }
    judge_conflicts(uri_, given, result_);
    judge_authentication(uri_, given, result_);
    return std::move(result_);
  }

private:
  void collect() {
    bool doubtful = is_doubtful(uri_);
    for (std::size_t i = 0; i < uri_.options.size(); ++i) {
      const auto& option = uri_.options[i];
      const auto* written = uri_option_named(option.key);
      if (written == nullptr) {
        refuse_unknown(doubtful ? "option " + std::to_string(i + 1) : option.key, doubtful);
        continue;
      }
      const auto* entry = canonical(*written);
      doubtful = doubtful || is_secret(*entry);
      auto group = std::ranges::find_if(groups_, [&](const auto& x) { return x.entry == entry; });
      if (group == groups_.end())
        group = groups_.insert(group, {entry, {}});
      group->given.push_back({written, option.key, option.value});
    }
  }

  void refuse_unknown(const std::string& name, bool doubtful) {
    const std::string successor{successor_of(name)};
    const std::string near{doubtful ? std::string_view{} : nearest_uri_option(name)};
    const auto advice
      = near.empty() ? "docs/configuration.md lists them all" : "the nearest one is " + near;
    result_.findings.push_back(
      {.grade = severity::warning,
       .kind = uri_problem::unknown,
       .option = name,
       .problem = successor.empty() ? "is no option of connection strings" : "is withdrawn",
       .advice = successor.empty() ? advice : successor});
  }

  void note(const option_group& group, uri_problem kind, const std::string& name,
            std::string problem, std::string advice, bool grave = false) {
    result_.findings.push_back({.grade = grave ? severity::error : severity::warning,
                                .kind = kind,
                                .option = name,
                                .problem = std::move(problem),
                                .advice = std::move(advice),
                                .guards = group.entry->guards});
  }

  /// Leaves what counts: the older names give way to the new one.
  std::vector<given_option> without_former(const option_group& group) {
    const std::string name{group.entry->name};
    const auto is_former = [](const given_option& x) { return x.is_former(); };
    std::vector<given_option> current;
    std::ranges::remove_copy_if(group.given, std::back_inserter(current), is_former);
    for (const auto& one : group.given)
      if (one.is_former() && current.empty())
        note(group, uri_problem::deprecated, one.key, "is an older name", "write " + name);
      else if (one.is_former())
        note(group, uri_problem::repeated, one.key, "is an older name of " + name + ", given too",
             "allowed is " + name + " alone");
    return current.empty() ? group.given : current;
  }

  /// `tls` and `ssl` are two names of one option, and may both be there if they agree.
  bool disagrees(const option_group& group, const std::vector<given_option>& given) {
    const auto differs = [&](const given_option& x) {
      return x.written != given.front().written && x.value != given.front().value;
    };
    if (group.entry->name != "tls" || std::ranges::none_of(given, differs))
      return false;
    note(group, uri_problem::contradictory, given.back().key,
         "does not agree with " + given.front().key, "allowed is the same value for both", true);
    return true;
  }

  void find_repetition(const option_group& group, const std::vector<given_option>& given) {
    const auto& last = given.back();
    const auto times
      = std::ranges::count_if(given, [&](const auto& x) { return x.written == last.written; });
    const auto names = group.entry->name == "tls" ? 2 : 1;
    if (times == 1 && std::ssize(given) <= names)
      return;
    note(group, uri_problem::repeated, last.key, "is given more than once", "allowed is once",
         group.entry->once);
  }

  void read(const option_group& group) {
    const auto given = without_former(group);
    if (group.entry->kind == uri_option_kind::tag_sets)
      return read_tag_sets(group, given);
    find_repetition(group, given);
    if (disagrees(group, given))
      return;
    const auto& last = given.back();
    auto value = read_uri_value(*group.entry, last.value);
    if (auto* problem = std::get_if<value_problem>(&value)) {
      note_malformed(group, last.key, *problem);
      if (problem->rest)
        result_.read.push_back({group.entry, *std::move(problem->rest), {last.value}});
      return;
    }
    result_.read.push_back({group.entry, std::get<uri_value>(std::move(value)), {last.value}});
  }

  void read_tag_sets(const option_group& group, const std::vector<given_option>& given) {
    read_option all{group.entry, std::vector<uri_pairs>{}, {}};
    for (const auto& one : given) {
      auto value = read_uri_value(*group.entry, one.value);
      if (const auto* problem = std::get_if<value_problem>(&value)) {
        note_malformed(group, one.key, *problem);
        continue;
      }
      auto& set = std::get<std::vector<uri_pairs>>(std::get<uri_value>(value)).front();
      std::get<std::vector<uri_pairs>>(all.value).push_back(std::move(set));
      all.texts.push_back(one.value);
    }
    if (!all.texts.empty())
      result_.read.push_back(std::move(all));
  }

  void note_malformed(const option_group& group, const std::string& name,
                      const value_problem& problem) {
    note(group, uri_problem::malformed, name, problem.text,
         "allowed is " + allowed_in(*group.entry), problem.grave);
  }

  const connection_string& uri_;
  std::vector<option_group> groups_;
  uri_options result_;
};

} // namespace

const uri_value* uri_options::find(std::string_view name) const noexcept {
  const auto found
    = std::ranges::find_if(read, [&](const read_option& x) { return x.entry->name == name; });
  return found == read.end() ? nullptr : &found->value;
}

std::optional<bool> uri_options::flag(std::string_view name) const noexcept {
  const auto* value = find(name);
  const auto* held = value == nullptr ? nullptr : std::get_if<bool>(value);
  return held == nullptr ? std::nullopt : std::optional{*held};
}

std::optional<std::int64_t> uri_options::number(std::string_view name) const noexcept {
  const auto* value = find(name);
  const auto* held = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return held == nullptr ? std::nullopt : std::optional{*held};
}

const std::string* uri_options::text(std::string_view name) const noexcept {
  const auto* value = find(name);
  return value == nullptr ? nullptr : std::get_if<std::string>(value);
}

uri_options read_options(const connection_string& uri) {
  return reader{uri}.run();
}

severity severity_in(profile which, const uri_finding& what) noexcept {
  if (what.grade == severity::error)
    return severity::error;
  if (what.kind == uri_problem::deprecated)
    return severity::warning;
  const bool of_a_guard = what.guards && what.kind != uri_problem::unknown;
  return which == profile::production || of_a_guard ? severity::error : severity::warning;
}

} // namespace moor
