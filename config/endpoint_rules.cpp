#include "moor/config/endpoint_rules.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "moor/config/setting_table.hpp"

namespace moor {

std::vector<finding> judge_endpoint_parts(const settings& values, const origins& from) {
  const auto& endpoint = values.endpoint;
  std::vector<finding> result;
  if (endpoint.listen.empty())
    return result;
  const auto readable
    = [&](std::string_view key) { return origin_at(from, index_of(key).value()).readable; };
  const auto refuse = [&](std::string_view key, const char* problem, const char* advice) {
    auto found = finding_about(values, from, key, problem);
    found.advice = advice;
    found.grade = values.profile == profile::production ? severity::error : severity::warning;
    result.push_back(std::move(found));
  };
  const auto& user = endpoint.user;
  const auto& password = endpoint.password_file;
  if (!user.empty() && password.empty() && readable("http-password-file"))
    refuse("http-user", "has no http-password-file beside it",
           "allowed is a file that holds its password, or neither of the two");
  if (user.find(':') != std::string::npos)
    refuse("http-user", "holds a colon, which basic authentication cannot tell from the password's",
           "allowed is a name without one");
  if (user.empty() && !password.empty() && readable("http-user"))
    refuse("http-password-file", "has no http-user beside it",
           "allowed is a user whose password it holds, or neither of the two");
  if (endpoint.certificate_file.empty() && !endpoint.key_file.empty()
      && readable("http-certificate-file"))
    refuse("http-key-file", "has no http-certificate-file beside it",
           "allowed is a certificate that the key belongs to, or neither of the two");
  if (values.metrics_interval == duration::zero())
    refuse("http-listen", "has nothing to show with a metrics-interval of 0",
           "allowed is a metrics-interval above 0, or none for http-listen");
  return result;
}

} // namespace moor
