#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "moor/config/uri_rules.hpp"

namespace moor {

namespace {

using namespace std::string_view_literals;

/// Each of them says how certificates are checked, and what two of them say together is nowhere
/// defined (URI Options).
constexpr std::array exclusive{
  std::pair{"tlsInsecure"sv, "tlsAllowInvalidCertificates"sv},
  std::pair{"tlsInsecure"sv, "tlsAllowInvalidHostnames"sv},
  std::pair{"tlsInsecure"sv, "tlsDisableOCSPEndpointCheck"sv},
  std::pair{"tlsInsecure"sv, "tlsDisableCertificateRevocationCheck"sv},
  std::pair{"tlsAllowInvalidCertificates"sv, "tlsDisableOCSPEndpointCheck"sv},
  std::pair{"tlsAllowInvalidCertificates"sv, "tlsDisableCertificateRevocationCheck"sv},
  std::pair{"tlsDisableOCSPEndpointCheck"sv, "tlsDisableCertificateRevocationCheck"sv},
};

class conflict_judge {
public:
  conflict_judge(const connection_string& uri, const std::vector<std::string_view>& given,
                 uri_options& options)
    : uri_(uri), given_(given), options_(options) {}

  void run() {
    for (const auto& [one, other] : exclusive)
      if (is_given(one) && is_given(other))
        refuse(one, "cannot be there beside " + std::string{other}, "allowed is one of them");
    judge_topology();
    judge_service();
    judge_proxy();
    judge_concerns();
  }

private:
  bool is_given(std::string_view name) const {
    return std::ranges::find(given_, name) != given_.end();
  }

  void refuse(std::string_view name, std::string problem, std::string advice) {
    options_.findings.push_back({.grade = severity::error,
                                 .kind = uri_problem::contradictory,
                                 .option = std::string{name},
                                 .problem = std::move(problem),
                                 .advice = std::move(advice),
                                 .guards = false});
  }

  /// URI Options, "directConnection", and Load Balancers.
  void judge_topology() {
    const bool direct = options_.flag("directConnection").value_or(false);
    const bool balanced = options_.flag("loadBalanced").value_or(false);
    if (direct && uri_.srv)
      refuse("directConnection", "is true with mongodb+srv", "allowed is mongodb:// with one host");
    if (direct && uri_.hosts.size() > 1)
      refuse("directConnection", "is true with several hosts", "allowed is one host");
    if (balanced && uri_.hosts.size() > 1)
      refuse("loadBalanced", "is true with several hosts", "allowed is one host");
    if (balanced && direct)
      refuse("loadBalanced", "is true beside directConnection", "allowed is one of them");
    if (balanced && options_.find("replicaSet") != nullptr)
      refuse("loadBalanced", "is true beside replicaSet", "allowed is one of them");
  }

  /// Initial DNS Seedlist Discovery.
  void judge_service() {
    for (const auto name : {"srvMaxHosts"sv, "srvServiceName"sv})
      if (is_given(name) && !uri_.srv)
        refuse(name, "belongs to mongodb+srv", "allowed is mongodb+srv:// with it, or none");
    if (options_.number("srvMaxHosts").value_or(0) <= 0)
      return;
    if (options_.find("replicaSet") != nullptr)
      refuse("srvMaxHosts", "cannot be there beside replicaSet", "allowed is 0, or one of them");
    if (options_.flag("loadBalanced").value_or(false))
      refuse("srvMaxHosts", "cannot be there beside loadBalanced", "allowed is 0, or one of them");
  }

  /// SOCKS5 Support.
  void judge_proxy() {
    for (const auto name : {"proxyPort"sv, "proxyUsername"sv, "proxyPassword"sv})
      if (is_given(name) && !is_given("proxyHost"))
        refuse(name, "is there without proxyHost", "allowed is both, or none");
    const std::pair halves{"proxyUsername"sv, "proxyPassword"sv};
    for (const auto& [one, other] : {halves, std::pair{halves.second, halves.first}})
      if (is_given(one) && !is_given(other))
        refuse(one, "is there without " + std::string{other}, "allowed is both, or none");
  }

  /// Read and Write Concern; Server Selection, "mode" and "tag_sets"; Max Staleness.
  void judge_concerns() {
    if (options_.number("w") == 0 && options_.flag("journal").value_or(false))
      refuse("journal", "is true beside w=0", "allowed is journal=false, or w from 1");
    const auto* mode = options_.text("readPreference");
    if (mode != nullptr && *mode != "primary")
      return;
    const auto* tags = options_.find("readPreferenceTags");
    if (tags != nullptr && std::get<std::vector<uri_pairs>>(*tags) != std::vector<uri_pairs>{{}})
      refuse("readPreferenceTags", "is there with the read preference primary",
             "allowed is another readPreference beside it");
    if (options_.number("maxStalenessSeconds").value_or(-1) > 0)
      refuse("maxStalenessSeconds", "is there with the read preference primary",
             "allowed is another readPreference beside it");
  }

  const connection_string& uri_;
  const std::vector<std::string_view>& given_;
  uri_options& options_;
};

} // namespace

void judge_conflicts(const connection_string& uri, const std::vector<std::string_view>& given,
                     uri_options& options) {
  conflict_judge{uri, given, options}.run();
}

} // namespace moor
