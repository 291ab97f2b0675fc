#include "moor/config/uri_credential.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "moor/config/uri_rules.hpp"

namespace moor {

namespace {

using namespace std::string_view_literals;

constexpr auto external = "$external"sv;

enum class password_rule : std::uint8_t { needed, possible, excluded };

/// What the Authentication specification says of one mechanism.
struct mechanism_rules {
  std::string_view name;
  bool needs_user;
  password_rule password;
  /// Users are no database's: `authSource` is `$external`, and needs not be said.
  bool is_external;
};

constexpr std::array mechanisms{
  mechanism_rules{"GSSAPI", true, password_rule::possible, true},
  mechanism_rules{"MONGODB-AWS", false, password_rule::possible, true},
  mechanism_rules{"MONGODB-CR", true, password_rule::needed, false},
  mechanism_rules{"MONGODB-OIDC", false, password_rule::excluded, true},
  mechanism_rules{"MONGODB-X509", false, password_rule::excluded, true},
  mechanism_rules{"PLAIN", true, password_rule::needed, false},
  mechanism_rules{"SCRAM-SHA-1", true, password_rule::needed, false},
  mechanism_rules{"SCRAM-SHA-256", true, password_rule::needed, false},
};

const mechanism_rules* rules_of(std::string_view name) {
  const auto* found
    = std::ranges::find_if(mechanisms, [&](const mechanism_rules& x) { return x.name == name; });
  return found == mechanisms.end() ? nullptr : &*found;
}

const mechanism_rules* rules_of(const uri_options& options) {
  const auto* name = options.text("authMechanism");
  return name == nullptr ? nullptr : rules_of(*name);
}

uri_pairs properties_of(const uri_options& options) {
  const auto* value = options.find("authMechanismProperties");
  return value == nullptr ? uri_pairs{} : std::get<uri_pairs>(*value);
}

std::optional<std::string> property(const uri_pairs& all, std::string_view key) {
  const auto found = std::ranges::find_if(all, [&](const auto& x) { return x.first == key; });
  return found == all.end() ? std::nullopt : std::optional{found->second};
}

bool is_among(std::initializer_list<std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

class authentication_judge {
public:
  authentication_judge(const connection_string& uri, const std::vector<std::string_view>& given,
                       uri_options& options)
    : uri_(uri), given_(given), options_(options) {}

  void run() {
    const auto* rules = rules_of(options_);
    if (rules == nullptr)
      return;
    const auto name = std::string{rules->name};
    if (rules->needs_user && !uri_.user)
      refuse("authMechanism", "is " + name + " without a user",
             "allowed is a user name before the hosts");
    if (rules->password == password_rule::excluded && uri_.password)
      refuse("authMechanism", "is " + name + " beside a password", "allowed is none");
    const auto* source = options_.text("authSource");
    if (rules->is_external && source != nullptr && *source != external)
      refuse("authSource", "is another than $external beside " + name,
             "allowed is $external, or none");
    if (std::ranges::find(given_, "authMechanismProperties") != given_.end()
        && options_.find("authMechanismProperties") == nullptr)
      return; // they were found malformed
    properties_ = properties_of(options_);
    if (rules->name == "MONGODB-AWS")
      judge_aws();
    else if (rules->name == "MONGODB-OIDC")
      judge_oidc();
    else if (rules->name == "GSSAPI")
      judge_gssapi();
  }

private:
  void refuse(std::string_view name, std::string problem, std::string advice) {
    options_.findings.push_back({.grade = severity::error,
                                 .kind = uri_problem::contradictory,
                                 .option = std::string{name},
                                 .problem = std::move(problem),
                                 .advice = std::move(advice),
                                 .guards = true});
  }

  void refuse_property(std::string problem, std::string advice) {
    refuse("authMechanismProperties", std::move(problem), std::move(advice));
  }

  void judge_aws() {
    if (uri_.user && !uri_.password)
      refuse("authMechanism", "is MONGODB-AWS with a user but no password",
             "allowed is both, or none");
    if (!uri_.user && property(properties_, "AWS_SESSION_TOKEN"))
      refuse_property("holds AWS_SESSION_TOKEN without a user", "allowed is a user and a password");
  }

  void judge_gssapi() {
    const auto canonicalize = property(properties_, "CANONICALIZE_HOST_NAME");
    if (canonicalize
        && !is_among({"none", "forward", "forwardAndReverse", "true", "false"}, *canonicalize))
      refuse_property("holds a CANONICALIZE_HOST_NAME that is not known",
                      "allowed is none, forward, forwardAndReverse, true or false");
  }

  void judge_oidc() {
    if (property(properties_, "ALLOWED_HOSTS"))
      refuse_property("holds ALLOWED_HOSTS", "allowed is that in no connection string");
    const auto environment = property(properties_, "ENVIRONMENT");
    if (!environment || !is_among({"azure", "gcp", "k8s", "test"}, *environment))
      return refuse_property(environment ? "holds an ENVIRONMENT that is not known"
                                         : "holds no ENVIRONMENT",
                             "allowed is ENVIRONMENT: and azure, gcp, k8s or test");
    const bool wants_resource = is_among({"azure", "gcp"}, *environment);
    const auto resource = property(properties_, "TOKEN_RESOURCE").value_or("");
    if (wants_resource && resource.empty())
      refuse_property("holds no TOKEN_RESOURCE", "required is one with this ENVIRONMENT");
    if (!wants_resource && property(properties_, "TOKEN_RESOURCE"))
      refuse_property("holds a TOKEN_RESOURCE", "allowed is none with this ENVIRONMENT");
    if (uri_.user && *environment != "azure")
      refuse("authMechanism", "is MONGODB-OIDC with a user",
             "allowed is none with this ENVIRONMENT");
  }

  const connection_string& uri_;
  const std::vector<std::string_view>& given_;
  uri_options& options_;
  uri_pairs properties_;
};

} // namespace

void judge_authentication(const connection_string& uri, const std::vector<std::string_view>& given,
                          uri_options& options) {
  authentication_judge{uri, given, options}.run();
}

std::optional<uri_credential> credential_of(const connection_string& uri,
                                            const uri_options& options) {
  const auto* rules = rules_of(options);
  if (!uri.user && (rules == nullptr || rules->needs_user))
    return std::nullopt;
  uri_credential result{uri.user, uri.password, {}, {}, properties_of(options)};
  if (rules != nullptr)
    result.mechanism = rules->name;
  const auto* source = options.text("authSource");
  if (source != nullptr)
    result.source = *source;
  else if (rules != nullptr && rules->is_external)
    result.source = external;
  else if (!uri.database.empty())
    result.source = uri.database;
  else
    result.source = result.mechanism == "PLAIN" ? external : "admin"sv;
  if (result.mechanism == "GSSAPI" && !property(result.properties, "SERVICE_NAME"))
    result.properties.emplace_back("SERVICE_NAME", "mongodb");
  return result;
}

// Servers give no user an empty password, and LDAP, which PLAIN leads to, takes an empty one for
// the wish to be nobody (RFC 4513, "Unauthenticated Authentication Mechanism").
bool lacks_password(const uri_credential& who) {
  const auto* rules = rules_of(who.mechanism);
  const bool needed = rules == nullptr || rules->password == password_rule::needed;
  return needed && who.password.value_or("").empty();
}

} // namespace moor
