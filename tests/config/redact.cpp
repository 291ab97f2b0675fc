#define CAF_SUITE config_redact

#include <string>
#include <utility>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/config/connection_string.hpp"
#include "moor/config/finding.hpp"

using namespace moor;

CAF_TEST(what is harmless stays and the rest is hidden) {
  const std::vector<std::pair<const char*, const char*>> cases{
    {"mongodb://db", "mongodb://db"},
    {"mongodb://a:27018,[::1]:7/", "mongodb://a:27018,[::1]:7"},
    {"mongodb://alice@db", "mongodb://***@db"},
    {"mongodb://alice:secret@db/admin", "mongodb://***@db/admin"},
    {"mongodb+srv://alice:secret@x.example", "mongodb+srv://***@x.example"},
    {"mongodb://u:p@db/?replicaSet=rs0&maxPoolSize=5&TLS=true",
     "mongodb://***@db/?replicaSet=rs0&maxPoolSize=5&TLS=true"},
    {"mongodb://db/?tlsCertificateKeyFilePassword=hunter2&w=1", "mongodb://db/?***&w=1"},
    {"mongodb://db/?proxyUsername=asdf&proxyPassword=qwerty", "mongodb://db/?***&***"},
    {"mongodb://db/?authMechanismProperties=AWS_SESSION_TOKEN:abc", "mongodb://db/?***"},
    {"mongodb://db/?nobodyKnows=abc", "mongodb://db/?***"},
    {"mongodb://db/?appName=a%0Ab", "mongodb://db/?appName=***"},
    {"mongodb://db/?w=a@b", "mongodb://***"},
    {"", ""},
  };
  for (const auto& [uri, expected] : cases)
    CAF_CHECK_EQUAL(redact(uri), expected);
}

CAF_TEST(nothing is left of what cannot be understood) {
  for (const char* uri : {"mongodb://", "mongodb://alice:sec/ret@db", "mongodb://alice:sec?ret@db",
                          "mongodb://alice:sec@ret@db", "mongodb://alice:1/secret@db",
                          "mongodb://alice:1?secret=a@db", "mongodb://alice:1/x?secret=a@db",
                          "mongodb://alice:se:cret@db", "mongodb://alice:se%cret@db",
                          "mongodb://alice:secret@", "mongodb://alice:secret", "mongodb://a\nb"})
    CAF_CHECK_EQUAL(redact(uri), "mongodb://***");
  CAF_CHECK_EQUAL(redact("mongodb+srv://alice:secret@"), "mongodb+srv://***");
  for (const char* text : {"secret", "mysql://alice:secret@db", "alice:secret@db", " mongodb://db",
                           "MONGODB://alice:secret@db", "\"mongodb://alice:secret@db\""})
    CAF_CHECK_EQUAL(redact(text), "***");
}

/// Whatever single character is cut out, put in or replaced outside of the password's own letters.
CAF_TEST(no single slip in a connection string brings its password to light) {
  const std::string uri = "mongodb://alice:QZ:QZ@db.example:27017,other/admin?w=1&authSource=x";
  const std::string odd = "@:/?&=%#[], \n+";
  std::size_t leaks = 0;
  const auto check = [&](const std::string& slip) {
    if (redact(slip).find("QZ") == std::string::npos)
      return;
    ++leaks;
    CAF_MESSAGE("leaks: " << slip << " -> " << redact(slip));
  };
  for (const auto& whole : {uri, std::string{uri}.erase(uri.find("QZ:") + 2, 1)})
    for (std::size_t at = 0; at < whole.size(); ++at) {
      check(std::string{whole}.erase(at, 1));
      for (const char c : odd) {
        check(std::string{whole}.insert(at, 1, c));
        check(std::string{whole}.replace(at, 1, 1, c));
      }
    }
  CAF_CHECK_EQUAL(leaks, 0U);
}

CAF_TEST(findings print no connection string that strayed into another setting) {
  CAF_CHECK_EQUAL(printable("abc"), "\"abc\"");
  CAF_CHECK_EQUAL(printable("mongodb://u:secret@db"), "\"mongodb://***@db\"");
  CAF_CHECK_EQUAL(printable("https://u:secret@db"), "\"***\"");
  CAF_CHECK_EQUAL(printable("u:secret@db"), "\"***\"");
}
