#include "moor/ctl/named_files.hpp"

#include <string>
#include <variant>

#include <sys/stat.h>

#include "moor/config/policy.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/mongo/driver.hpp"
#include "moor/runtime/http/certificate.hpp"
#include "moor/runtime/http/credentials.hpp"

namespace moor::ctl {

namespace {

/// Empty if all is well, or if `validate` has said what is not.
std::string problem_of_endpoint(const settings& values) {
  const auto& endpoint = values.endpoint;
  const auto when_exposed = secret_file_problem(values, S_IROTH);
  if (!endpoint.user.empty() && !endpoint.password_file.empty()) {
    const auto read = http::read_credentials(endpoint, when_exposed);
    if (const auto* why = std::get_if<std::string>(&read))
      return *why;
  }
  if (!endpoint.certificate_file.empty()) {
    const auto read
      = http::read_certificate({endpoint.certificate_file, endpoint.key_file, when_exposed});
    if (const auto* why = std::get_if<std::string>(&read))
      return *why;
  }
  return {};
}

} // namespace

std::vector<finding> judge_named_files(const settings& values, const origins& from) {
  std::vector<finding> result;
  const auto made = mongo::make_driver(values);
  if (const auto* why = std::get_if<failure>(&made)) {
    result.push_back(finding_about(values, from, "uri", "cannot be used: " + why->text));
    result.back().advice = "a program with these settings does not start";
  }
  if (values.endpoint.listen.empty())
    return result;
  if (const auto problem = problem_of_endpoint(values); !problem.empty()) {
    result.push_back(finding_about(values, from, "http-listen", "cannot be opened: " + problem));
    result.back().advice = "a program with these settings runs without metrics and live page";
    result.back().grade = severity::warning;
  }
  return result;
}

} // namespace moor::ctl
