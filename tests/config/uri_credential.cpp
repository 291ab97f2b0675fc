#define CAF_SUITE config_uri_credential

#include "moor/config/uri_credential.hpp"

#include <string>

#include <caf/test/unit_test.hpp>

using namespace moor;

namespace {

struct judged {
  std::string problem;    // of the first finding
  std::string credential; // "user:password@source mechanism", or "none"
};

judged judge(const std::string& text) {
  const auto parsed = parse_connection_string(text);
  if (const auto* error = std::get_if<connection_string_error>(&parsed))
    CAF_FAIL(text << ": " << to_string(*error));
  const auto& uri = std::get<connection_string>(parsed);
  const auto options = read_options(uri);
  judged result;
  for (const auto& one : options.findings)
    if (result.problem.empty())
      result.problem = std::string{to_string(one.grade)} + ": " + one.option + " " + one.problem;
  const auto found = credential_of(uri, options);
  result.credential = !found ? "none"
                             : found->user.value_or("-") + ":" + found->password.value_or("-") + "@"
                                 + found->source + " " + found->mechanism;
  return result;
}

void accepted(const std::string& uri, const std::string& credential) {
  const auto got = judge(uri);
  CAF_CHECK_EQUAL(uri + " " + got.problem, uri + " ");
  CAF_CHECK_EQUAL(uri + " " + got.credential, uri + " " + credential);
}

void refused(const std::string& uri, const std::string& problem) {
  CAF_CHECK_EQUAL(uri + " " + judge(uri).problem, uri + " error: " + problem);
}

const std::string x509 = "mongodb://db/?authMechanism=MONGODB-X509";
const std::string aws = "/?authMechanism=MONGODB-AWS";
const std::string oidc = "/?authMechanism=MONGODB-OIDC&authMechanismProperties=";

} // namespace

CAF_TEST(who logs in and where) {
  accepted("mongodb://db", "none");
  accepted("mongodb://db/other?authSource=third", "none");
  accepted("mongodb://u:p@db", "u:p@admin ");
  accepted("mongodb://u@db", "u:-@admin ");
  accepted("mongodb://u:p@db/other", "u:p@other ");
  accepted("mongodb://u:p@db/other?authSource=third", "u:p@third ");
  accepted("mongodb://u:p@db/?authMechanism=SCRAM-SHA-256", "u:p@admin SCRAM-SHA-256");
  accepted("mongodb://u:p@db/?authMechanism=PLAIN", "u:p@$external PLAIN");
  accepted("mongodb://u:p@db/x?authMechanism=PLAIN", "u:p@x PLAIN");
  accepted(x509, "-:-@$external MONGODB-X509");
  accepted("mongodb://u:p@db/x?authMechanism=GSSAPI", "u:p@$external GSSAPI");
  accepted("mongodb://db" + aws, "-:-@$external MONGODB-AWS");
  accepted("mongodb://u@db" + oidc + "ENVIRONMENT:azure,TOKEN_RESOURCE:a",
           "u:-@$external MONGODB-OIDC");
  accepted("mongodb://db" + oidc + "ENVIRONMENT:test", "-:-@$external MONGODB-OIDC");
  accepted("mongodb://db" + oidc + "ENVIRONMENT:k8s", "-:-@$external MONGODB-OIDC");
}

CAF_TEST(a mechanism that needs a user) {
  for (const char* name : {"GSSAPI", "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "MONGODB-CR"})
    refused("mongodb://db/?authMechanism=" + std::string{name},
            "authMechanism is " + std::string{name} + " without a user");
}

CAF_TEST(sources and passwords that a mechanism does not have) {
  refused("mongodb://db/?authSource=", "authSource is empty");
  refused("mongodb://u:p@db/?authSource=", "authSource is empty");
  for (const char* name : {"GSSAPI", "MONGODB-AWS"})
    refused("mongodb://u:p@db/?authSource=x&authMechanism=" + std::string{name},
            "authSource is another than $external beside " + std::string{name});
  refused(x509 + "&authSource=x", "authSource is another than $external beside MONGODB-X509");
  accepted(x509 + "&authSource=$external", "-:-@$external MONGODB-X509");
  refused("mongodb://u:p@db/?authMechanism=MONGODB-X509",
          "authMechanism is MONGODB-X509 beside a password");
  refused("mongodb://u:p@db" + oidc + "ENVIRONMENT:azure,TOKEN_RESOURCE:a",
          "authMechanism is MONGODB-OIDC beside a password");
}

CAF_TEST(AWS) {
  refused("mongodb://u@db" + aws, "authMechanism is MONGODB-AWS with a user but no password");
  refused("mongodb://db" + aws + "&authMechanismProperties=AWS_SESSION_TOKEN:t",
          "authMechanismProperties holds AWS_SESSION_TOKEN without a user");
  accepted("mongodb://u:p@db" + aws + "&authMechanismProperties=AWS_SESSION_TOKEN:t",
           "u:p@$external MONGODB-AWS");
}

CAF_TEST(GSSAPI) {
  const std::string uri
    = "mongodb://u:p@db/?authMechanism=GSSAPI&authMechanismProperties=CANONICALIZE_HOST_NAME:";
  for (const char* good : {"none", "forward", "forwardAndReverse", "true", "false"})
    accepted(uri + good, "u:p@$external GSSAPI");
  refused(uri + "maybe",
          "authMechanismProperties holds a CANONICALIZE_HOST_NAME that is not known");
}

CAF_TEST(OIDC) {
  refused("mongodb://db/?authMechanism=MONGODB-OIDC",
          "authMechanismProperties holds no ENVIRONMENT");
  refused("mongodb://db" + oidc + "ENVIRONMENT:moon",
          "authMechanismProperties holds an ENVIRONMENT that is not known");
  refused("mongodb://db" + oidc + "ENVIRONMENT:azure",
          "authMechanismProperties holds no TOKEN_RESOURCE");
  refused("mongodb://db" + oidc + "ENVIRONMENT:gcp,TOKEN_RESOURCE:",
          "authMechanismProperties holds no TOKEN_RESOURCE");
  refused("mongodb://db" + oidc + "ENVIRONMENT:test,TOKEN_RESOURCE:a",
          "authMechanismProperties holds a TOKEN_RESOURCE");
  refused("mongodb://u@db" + oidc + "ENVIRONMENT:gcp,TOKEN_RESOURCE:a",
          "authMechanism is MONGODB-OIDC with a user");
  refused("mongodb://db" + oidc + "ENVIRONMENT:test,ALLOWED_HOSTS:a",
          "authMechanismProperties holds ALLOWED_HOSTS");
  // What is malformed is warned of, and says nothing of what is missing.
  CAF_CHECK_EQUAL(judge("mongodb://db" + oidc + "x").problem,
                  "warning: authMechanismProperties holds a part that is no key:value");
}
