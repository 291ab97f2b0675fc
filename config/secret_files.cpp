#include "moor/config/secret_files.hpp"

#include <utility>

#include "moor/config/credentials.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"

namespace moor {

namespace {

class filler {
public:
  filler(settings& values, origins& from, const file_reader& read)
    : values_{values}, from_{from}, read_{read} {
    from_.resize(setting_table().size());
  }

  std::vector<finding> run() && {
    if (!values_.uri_file.empty())
      fill_uri();
    if (!values_.password_file.empty())
      fill_password();
    return std::move(found_);
  }

private:
  static std::size_t at(std::string_view key) { return index_of(key).value(); }

  void refuse(std::string_view key, const std::string& path, std::string problem,
              std::string advice) {
    auto what = finding_about(setting_table()[at(key)], from_[at(key)], values_.profile, path,
                              std::move(problem));
    what.advice = std::move(advice);
    found_.push_back(std::move(what));
  }

  /// Says what is wrong with the file itself, and whether it can be used.
  bool is_usable(std::string_view key, const std::string& path, const file_text& file) {
    if (file.problem.empty())
      return true;
    refuse(key, path, file.problem,
           "allowed is a file of one line of UTF-8 that this process may read");
    if (may_be_secret(path))
      from_[at(key)].readable = false; // nobody is to print it
    return false;
  }

  void judge_exposure(std::string_view key, const std::string& path, bool exposed) {
    if (!exposed || values_.allow.has(allowance::world_readable_secrets))
      return;
    refuse(key, path, "can be read by everybody on this machine",
           "allowed is a mode without rights for others, 0400 for instance");
    found_.back()
      = policy_finding("world-readable-secrets", values_.profile, std::move(found_.back()));
  }

  void fill_uri() {
    const auto path = values_.uri_file;
    auto& origin_of_uri = from_[at("uri")];
    const auto& named = from_[at("uri-file")];
    origin_of_uri = {named.from, false,
                     "file " + shown(setting_table()[at("uri-file")], path) + ", which is named by "
                       + place_in(named, setting_table()[at("uri-file")], values_.profile)};
    const auto file = read_(path);
    if (!is_usable("uri-file", path, file))
      return;
    const auto& entry = setting_table()[at("uri")];
    auto problem = entry.assign(values_, file.text.reveal());
    if (!problem.empty())
      return found_.push_back(finding_about(entry, origin_of_uri, values_.profile,
                                            file.text.reveal(), std::move(problem)));
    origin_of_uri.readable = true;
    judge_exposure("uri-file", path, file.exposed && has_credential(file.text.reveal()));
  }

  void fill_password() {
    const auto path = values_.password_file;
    const auto file = read_(path);
    if (!is_usable("password-file", path, file))
      return;
    judge_exposure("password-file", path, file.exposed);
    const auto& entry = setting_table()[at("uri")];
    if (!from_[at("uri")].readable || !entry.problem(values_).empty())
      return; // which has its own finding
    auto completed = with_password(values_.uri.reveal(), file.text.reveal());
    if (!completed.problem.empty())
      return refuse("password-file", path, std::move(completed.problem),
                    "allowed is a connection string such as mongodb://user@host beside it");
    values_.uri = std::move(completed.uri);
  }

  settings& values_;
  origins& from_;
  const file_reader& read_;
  std::vector<finding> found_;
};

} // namespace

finding policy_finding(std::string policy, profile in_force, finding what) {
  what.grade = in_force == profile::production ? severity::error : severity::warning;
  what.advice += "; in production this is refused (policy " + policy + ")";
  what.policy = std::move(policy);
  return what;
}

std::vector<finding> fill_from_files(settings& values, origins& from, const file_reader& read) {
  return filler{values, from, read}.run();
}

} // namespace moor
