#include "moor/config/policy.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "moor/config/secret_files.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"
#include "moor/config/uri_credential.hpp"

namespace moor {

namespace {

using namespace std::string_view_literals;

/// Settings of which 0 would mean "no timeout", and the longest that they can have.
constexpr std::array endless_settings{
  std::pair{"wait-queue-timeout"sv, "8760h"sv},
  std::pair{"connect-timeout"sv, "576h"sv},
  std::pair{"socket-timeout"sv, "576h"sv},
  std::pair{"server-selection-timeout"sv, "576h"sv},
};

/// Switches that weaken TLS, and the exception that permits each.
constexpr std::array weak_tls{
  std::pair{"tlsInsecure"sv, allowance::tls_insecure},
  std::pair{"tlsAllowInvalidCertificates"sv, allowance::tls_allow_invalid_certificates},
  std::pair{"tlsAllowInvalidHostnames"sv, allowance::tls_allow_invalid_hostnames},
};

std::string but_allowed(allowance what) {
  return "or " + std::string{to_string(what)} + " among the names in the setting allow";
}

class policy_judge {
public:
  policy_judge(const settings& values, const connection_string& uri, const uri_options& options,
               const uri_place& place)
    : values_(values), uri_(uri), options_(options), place_(place) {}

  std::vector<finding> run() {
    judge_tls();
    judge_credentials();
    // The settings' own timeouts are judged where they are read.
    for (const auto& option : options_.read)
      if (option.entry->endless_at_zero && find_uri_option(option.entry->name) == nullptr
          && option.value == uri_value{std::int64_t{0}})
        refuse(allowance::zero_timeouts, option.entry->name, "is 0, which means no timeout",
               "a number from 1");
    return std::move(findings_);
  }

private:
  void judge_tls() {
    const bool elsewhere = uri_.srv || !std::ranges::all_of(uri_.hosts, [](const auto& host) {
                             return is_loopback(host);
                           });
    if (elsewhere && !options_.flag("tls").value_or(uri_.srv))
      refuse(allowance::no_tls, "uri", "leads to another machine without TLS", "tls=true");
    for (const auto& [name, what] : weak_tls)
      if (options_.flag(name).value_or(false))
        refuse(what, name, "leaves the server's certificate unchecked", "false");
  }

  void judge_credentials() {
    const auto who = credential_of(uri_, options_);
    if (!who)
      refuse(allowance::no_credentials, "uri", "names nobody to log in as",
             "a user and a password, another authMechanism");
    else if (lacks_password(*who) && values_.password_file.empty()) // which has findings of its own
      refuse(allowance::no_credentials, "uri", "names a user without a password",
             "a password, or a password-file that holds it, or an authMechanism that needs none");
  }

  void refuse(allowance what, std::string_view name, std::string problem,
              const std::string& instead) {
    if (values_.allow.has(what))
      return;
    const auto where
      = name == "uri" ? place_.where : "option of the connection string, " + place_.where;
    findings_.push_back(
      {std::string{name}, std::nullopt, place_.from, where, std::move(problem),
       "allowed in the production profile is " + instead + ", " + but_allowed(what)});
  }

  const settings& values_;
  const connection_string& uri_;
  const uri_options& options_;
  const uri_place& place_;
  std::vector<finding> findings_;
};

/// The host of an address with a port, as `http-listen` takes it.
host_identifier host_to_listen_at(std::string_view listen) {
  const auto host = listen.substr(0, listen.rfind(':'));
  if (host.starts_with('['))
    return {host_kind::ip_literal, std::string{host.substr(1, host.size() - 2)}, {}};
  const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return {numeric ? host_kind::ipv4 : host_kind::name, std::string{host}, {}};
}

} // namespace

/// By its address (RFC 5735, RFC 4291) or a name that always means this machine (RFC 6761).
/// Whatever else may lead here counts as elsewhere.
bool is_loopback(const host_identifier& host) {
  const auto name = to_lower(host.name);
  switch (host.kind) {
    case host_kind::unix_socket: return true;
    case host_kind::ipv4: return name.starts_with("127.");
    case host_kind::ip_literal: return name == "::1" || name.starts_with("::ffff:127.");
    case host_kind::name: return name == "localhost" || name.ends_with(".localhost");
  }
  return false;
}

std::vector<finding> judge_policy(const settings& values, const connection_string& uri,
                                  const uri_options& options, const uri_place& place) {
  if (values.profile != profile::production)
    return {};
  return policy_judge{values, uri, options, place}.run();
}

std::vector<finding> judge_endpoint(const settings& values, const origin& of_listen) {
  const auto& endpoint = values.endpoint;
  if (endpoint.listen.empty() || is_loopback(host_to_listen_at(endpoint.listen)))
    return {};
  std::vector<finding> result;
  const auto refuse = [&](allowance what, std::string problem, const std::string& instead) {
    if (values.allow.has(what))
      return;
    auto found = finding_about(setting_table()[index_of("http-listen").value()], of_listen,
                               values.profile, endpoint.listen, std::move(problem));
    found.advice = "allowed is " + instead + ", a loopback address such as 127.0.0.1:9464, "
                   + but_allowed(what);
    result.push_back(
      policy_finding(std::string{to_string(what)}, values.profile, std::move(found)));
  };
  if (endpoint.user.empty())
    refuse(allowance::http_no_credentials, "serves other machines without a password",
           "http-user and http-password-file");
  if (endpoint.certificate_file.empty())
    refuse(allowance::http_no_tls, "serves other machines without TLS", "http-certificate-file");
  return result;
}

std::string secret_file_problem(const settings& values, std::uint32_t mode) {
  constexpr std::uint32_t read_by_others = 0004; // S_IROTH
  if (values.profile != profile::production || (mode & read_by_others) == 0
      || values.allow.has(allowance::world_readable_secrets))
    return {};
  return "can be read by everybody on this machine; allowed in the production profile is a file "
         "without that permission (chmod o-r), "
         + but_allowed(allowance::world_readable_secrets);
}

std::string server_limit_problem(const settings& values, std::uint64_t limit) {
  if (values.profile != profile::production || values.max_pool_size <= limit
      || values.allow.has(allowance::pool_above_server_limit))
    return {};
  return "max-pool-size is " + std::to_string(values.max_pool_size) + ", but the server takes "
         + std::to_string(limit)
         + " connections in all; allowed in the production profile is at most as many, "
         + but_allowed(allowance::pool_above_server_limit);
}

std::optional<std::string> stand_in_for_zero(std::string_view key, const allowances& allow) {
  const auto* found
    = std::ranges::find_if(endless_settings, [&](const auto& x) { return x.first == key; });
  if (found == endless_settings.end() || !allow.has(allowance::zero_timeouts))
    return std::nullopt;
  return std::string{found->second};
}

} // namespace moor
