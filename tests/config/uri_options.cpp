#define CAF_SUITE config_uri_options

#include "moor/config/uri_options.hpp"

#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/config/text.hpp"

using namespace moor;

namespace {

uri_options read(const std::string& text) {
  const auto parsed = parse_connection_string(text);
  if (const auto* error = std::get_if<connection_string_error>(&parsed))
    CAF_FAIL(text << ": " << to_string(*error));
  return read_options(std::get<connection_string>(parsed));
}

uri_options read_in(const std::string& options) {
  return read("mongodb://db/?" + options);
}

/// "warning: w is malformed", one line per finding.
std::string found(const uri_options& options) {
  std::string text;
  for (const auto& one : options.findings) {
    CAF_CHECK(!one.advice.empty());
    text += (text.empty() ? "" : "\n") + std::string{to_string(one.grade)} + ": " + one.option + " "
            + one.problem;
  }
  return text;
}

struct expectation {
  const char* uri;
  const char* found;
};

void check_all(const std::vector<expectation>& all) {
  for (const auto& [uri, expected] : all)
    CAF_CHECK_EQUAL(std::string{uri} + " -> " + found(read(uri)),
                    std::string{uri} + " -> " + expected);
}

} // namespace

CAF_TEST(every kind of option is read as its type) {
  const auto all = read_in("TLS=true&maxStalenessSeconds=120&appName=my%20app&w=majority"
                           "&readPreference=nearest&compressors=snappy,zlib"
                           "&authMechanismProperties=A:b%3Ac,D:"
                           "&readPreferenceTags=dc:ny,rack:1&readPreferenceTags=");
  CAF_CHECK_EQUAL(found(all), "");
  CAF_CHECK(all.flag("tls") == true);
  CAF_CHECK(all.number("maxStalenessSeconds") == 120);
  CAF_CHECK_EQUAL(*all.text("appName"), "my app");
  CAF_CHECK_EQUAL(*all.text("w"), "majority");
  CAF_CHECK_EQUAL(*all.text("readPreference"), "nearest");
  CAF_CHECK(*all.find("compressors") == uri_value(std::vector<std::string>{"snappy", "zlib"}));
  CAF_CHECK(*all.find("authMechanismProperties") == uri_value(uri_pairs{{"A", "b:c"}, {"D", ""}}));
  CAF_CHECK(*all.find("readPreferenceTags")
            == uri_value(std::vector<uri_pairs>{{{"dc", "ny"}, {"rack", "1"}}, {}}));
  CAF_CHECK(read_in("w=2").number("w") == 2);
  CAF_CHECK(all.find("replicaSet") == nullptr);
  CAF_CHECK(!all.flag("appName") && !all.number("tls") && all.text("tls") == nullptr);
}

CAF_TEST(every option of the table takes its own bounds and nothing beyond) {
  for (const auto& entry : uri_option_table()) {
    CAF_MESSAGE(entry.name);
    const auto problem_of = [&](const std::string& text) {
      for (const auto& one : read_in(std::string{entry.name} + "=" + text).findings)
        if (one.kind == uri_problem::malformed)
          return one.problem;
      return std::string{};
    };
    CAF_CHECK(uri_option_named(to_lower(entry.name)) == &entry);
    CAF_CHECK(entry.now_called.empty() || uri_option_named(entry.now_called) != nullptr);
    CAF_CHECK_EQUAL(problem_of(""), entry.kind == uri_option_kind::tag_sets ? "" : "is empty");
    switch (entry.kind) {
      case uri_option_kind::flag:
        for (const char* good : {"true", "false"})
          CAF_CHECK_EQUAL(problem_of(good), "");
        for (const char* bad : {"True", "1", "yes", "true%20"})
          CAF_CHECK_EQUAL(problem_of(bad), "is neither true nor false");
        break;
      case uri_option_kind::number:
        if (!entry.now_called.empty())
          break; // has the bounds of what it is called now
        CAF_CHECK_EQUAL(problem_of(std::to_string(entry.least)), "");
        CAF_CHECK_EQUAL(problem_of(std::to_string(entry.most)), "");
        CAF_CHECK_NOT_EQUAL(problem_of(std::to_string(entry.least - 1)), "");
        CAF_CHECK_EQUAL(problem_of("99999999999999999999"), "is too large");
        CAF_CHECK_NOT_EQUAL(problem_of("-99999999999999999999"), "");
        for (const char* bad : {"x", "1.5", "+1", "%201", "1x", "-"})
          CAF_CHECK_EQUAL(problem_of(bad), "is not a whole number");
        break;
      case uri_option_kind::choice:
        for (const auto good : entry.choices)
          CAF_CHECK_EQUAL(problem_of(std::string{good}), "");
        CAF_CHECK_EQUAL(problem_of("other"), "is none of those known");
        break;
      case uri_option_kind::words:
        CAF_CHECK_EQUAL(problem_of("zlib,other"), "holds one that is not known");
        CAF_CHECK_EQUAL(problem_of("zlib,"), "holds one that is not known");
        break;
      case uri_option_kind::pairs:
      case uri_option_kind::tag_sets:
        CAF_CHECK_EQUAL(problem_of("a:b,c:d"), "");
        for (const char* bad : {"a", ":b", "a:b,", "a:b,c", "a:b%2Cc"})
          CAF_CHECK_EQUAL(problem_of(bad), "holds a part that is no key:value");
        CAF_CHECK_EQUAL(problem_of("a:b,a:c"), "holds a key twice");
        break;
      case uri_option_kind::text:
        CAF_CHECK_EQUAL(problem_of("text"), "");
        CAF_CHECK_EQUAL(problem_of("a%0Ab"), "holds a control character");
        if (entry.most > 0)
          CAF_CHECK_EQUAL(problem_of(std::string(static_cast<std::size_t>(entry.most) + 1, 'x')),
                          "is too long");
        break;
      case uri_option_kind::write_concern:
        CAF_CHECK_EQUAL(problem_of("0"), "");
        CAF_CHECK_EQUAL(problem_of("-1"), "is negative");
        break;
    }
  }
}

CAF_TEST(what is malformed does not count and the rest does) {
  const auto all = read_in("maxPoolSize=-3&compressors=zlib,lz4&tls=true&readPreferenceTags=x"
                           "&readPreferenceTags=a:b&readPreference=secondary");
  CAF_CHECK_EQUAL(found(all), "warning: maxPoolSize is negative\n"
                              "warning: compressors holds one that is not known\n"
                              "warning: readPreferenceTags holds a part that is no key:value");
  CAF_CHECK(all.find("maxPoolSize") == nullptr);
  CAF_CHECK(*all.find("compressors") == uri_value(std::vector<std::string>{"zlib"}));
  CAF_CHECK(*all.find("readPreferenceTags") == uri_value(std::vector<uri_pairs>{{{"a", "b"}}}));
}

CAF_TEST(an unknown option is named with the nearest known one) {
  const auto advice = [](const std::string& option) {
    const auto all = read_in(option + "=1");
    CAF_REQUIRE_EQUAL(all.findings.size(), 1U);
    CAF_CHECK(all.findings[0].kind == uri_problem::unknown);
    CAF_CHECK_EQUAL(all.findings[0].option, option);
    return all.findings[0].advice;
  };
  CAF_CHECK_EQUAL(advice("maxPolSize"), "the nearest one is maxPoolSize");
  CAF_CHECK_EQUAL(advice("REPLICASETT"), "the nearest one is replicaSet");
  CAF_CHECK_EQUAL(advice("tlsCaFiles"), "the nearest one is tlsCAFile");
  CAF_CHECK_EQUAL(advice("colour"), "docs/configuration.md lists them all");
  CAF_CHECK_EQUAL(advice("x"), "docs/configuration.md lists them all");
  CAF_CHECK_EQUAL(advice("slaveOk"), "readPreference=secondaryPreferred takes its place");
}

CAF_TEST(a name that may be part of a password is not repeated) {
  const auto all = read("mongodb://alice:1?secret=a@db");
  CAF_REQUIRE_EQUAL(all.findings.size(), 1U);
  CAF_CHECK_EQUAL(all.findings[0].option, "option 1");
  const auto no_doubt = read("mongodb://u:p@db/?secret=a@db");
  CAF_CHECK_EQUAL(no_doubt.findings.at(0).option, "secret");
}

CAF_TEST(a name that may be the end of a secret value is not repeated) {
  for (const char* option :
       {"tlsCertificateKeyFilePassword=Tr0ub", "sslClientCertificateKeyPassword=Tr0ub",
        "authMechanismProperties=AWS_SESSION_TOKEN:Tr0ub", "proxyHost=h&proxyPassword=Tr0ub"}) {
    const auto all = read("mongodb://u:p@h/?tls=true&" + std::string{option} + "&fsync=1&dor3=x");
    CAF_CHECK_EQUAL(found(all).find("dor3"), std::string::npos);
    CAF_CHECK_EQUAL(found(all).find("fsync"), std::string::npos);
    CAF_CHECK_NOT_EQUAL(found(all).find("is no option of connection strings"), std::string::npos);
  }
  const auto all = read("mongodb://u:p@h/?colour=1&tlsCertificateKeyFilePassword=Tr0ub&dor3=x");
  CAF_REQUIRE_EQUAL(all.findings.size() >= 2, true);
  CAF_CHECK_EQUAL(all.findings[0].option, "colour");
  CAF_CHECK_EQUAL(all.findings[1].option, "option 3");
  CAF_CHECK_EQUAL(all.findings[1].advice, "docs/configuration.md lists them all");
}

CAF_TEST(repetitions) {
  check_all({
    {"mongodb://db/?w=1&W=2", "warning: W is given more than once"},
    {"mongodb://db/?w=1&w=2&w=3", "warning: w is given more than once"},
    {"mongodb://db/?tls=true&tls=true", "warning: tls is given more than once"},
    {"mongodb://db/?tls=true&ssl=true&ssl=true", "warning: ssl is given more than once"},
    {"mongodb://db/?tls=true&ssl=true", ""},
    {"mongodb://db/?ssl=true", ""},
    {"mongodb://db/?tls=true&ssl=false", "error: ssl does not agree with tls"},
    {"mongodb://db/?proxyHost=a&proxyHost=a", "error: proxyHost is given more than once"},
  });
  CAF_CHECK(read_in("w=1&w=2").number("w") == 2);
  CAF_CHECK(read_in("ssl=true").flag("tls") == true);
}

CAF_TEST(older names) {
  check_all({
    {"mongodb://db/?wtimeout=5", "warning: wtimeout is an older name"},
    {"mongodb://db/?wtimeout=5&wTimeoutMS=10",
     "warning: wtimeout is an older name of wTimeoutMS, given too"},
    {"mongodb://db/?wTimeoutMS=10&wtimeout=5",
     "warning: wtimeout is an older name of wTimeoutMS, given too"},
    {"mongodb://db/?sslCertificateAuthorityFile=a",
     "warning: sslCertificateAuthorityFile is an older name"},
  });
  CAF_CHECK(read_in("wtimeout=5").number("wTimeoutMS") == 5);
  CAF_CHECK(read_in("wTimeoutMS=10&wtimeout=5").number("wTimeoutMS") == 10);
}

CAF_TEST(options that exclude each other are refused whatever they say) {
  const std::vector<std::pair<std::string, std::string>> pairs{
    {"tlsInsecure", "tlsAllowInvalidCertificates"},
    {"tlsInsecure", "tlsAllowInvalidHostnames"},
    {"tlsInsecure", "tlsDisableOCSPEndpointCheck"},
    {"tlsInsecure", "tlsDisableCertificateRevocationCheck"},
    {"tlsAllowInvalidCertificates", "tlsDisableOCSPEndpointCheck"},
    {"tlsAllowInvalidCertificates", "tlsDisableCertificateRevocationCheck"},
    {"tlsDisableOCSPEndpointCheck", "tlsDisableCertificateRevocationCheck"},
  };
  for (const auto& [one, other] : pairs)
    for (const auto& options :
         {one + "=true&" + other + "=false", other + "=true&" + one + "=true"})
      CAF_CHECK_EQUAL(found(read_in(options)),
                      "error: " + one + " cannot be there beside " + other);
  CAF_CHECK_EQUAL(found(read_in("tlsAllowInvalidCertificates=true&tlsAllowInvalidHostnames=true")),
                  "");
}

CAF_TEST(options that the hosts exclude or that exclude each other by value) {
  check_all({
    {"mongodb://a,b/?directConnection=true", "error: directConnection is true with several hosts"},
    {"mongodb://a,b/?directConnection=false", ""},
    {"mongodb+srv://a.b.c/?directConnection=true",
     "error: directConnection is true with mongodb+srv"},
    {"mongodb://a/?loadBalanced=true&directConnection=false", ""},
    {"mongodb://a,b/?loadBalanced=true", "error: loadBalanced is true with several hosts"},
    {"mongodb://a/?loadBalanced=true&directConnection=true",
     "error: loadBalanced is true beside directConnection"},
    {"mongodb://a/?loadBalanced=true&replicaSet=r",
     "error: loadBalanced is true beside replicaSet"},
    {"mongodb://a/?loadBalanced=false&replicaSet=r", ""},
    {"mongodb://a/?srvMaxHosts=1", "error: srvMaxHosts belongs to mongodb+srv"},
    {"mongodb://a/?srvServiceName=x", "error: srvServiceName belongs to mongodb+srv"},
    {"mongodb+srv://a.b.c/?srvMaxHosts=2&srvServiceName=my-db", ""},
    {"mongodb+srv://a.b.c/?srvServiceName=-x", "warning: srvServiceName is no name of a service"},
    {"mongodb+srv://a.b.c/?srvServiceName=12", "warning: srvServiceName is no name of a service"},
    {"mongodb+srv://a.b.c/?srvServiceName=a_b", "warning: srvServiceName is no name of a service"},
    {"mongodb+srv://a.b.c/?srvMaxHosts=2&replicaSet=r",
     "error: srvMaxHosts cannot be there beside replicaSet"},
    {"mongodb+srv://a.b.c/?srvMaxHosts=2&loadBalanced=true",
     "error: srvMaxHosts cannot be there beside loadBalanced"},
    {"mongodb+srv://a.b.c/?srvMaxHosts=2&loadBalanced=false", ""},
    {"mongodb+srv://a.b.c/?srvMaxHosts=0&replicaSet=r", ""},
    {"mongodb://a/?proxyHost=h", ""},
    {"mongodb://a/?proxyPort=1", "error: proxyPort is there without proxyHost"},
    {"mongodb://a/?proxyHost=h&proxyUsername=u",
     "error: proxyUsername is there without proxyPassword"},
    {"mongodb://a/?proxyHost=h&proxyPassword=p",
     "error: proxyPassword is there without proxyUsername"},
    {"mongodb://a/?w=0&journal=true", "error: journal is true beside w=0"},
    {"mongodb://a/?w=0&journal=false", ""},
    {"mongodb://a/?w=-1", "error: w is negative"},
    {"mongodb://a/?readPreferenceTags=a:b",
     "error: readPreferenceTags is there with the read preference primary"},
    {"mongodb://a/?readPreference=primary&maxStalenessSeconds=90",
     "error: maxStalenessSeconds is there with the read preference primary"},
    {"mongodb://a/?maxStalenessSeconds=-1", ""},
    {"mongodb://a/?readPreferenceTags=", ""},
  });
}

CAF_TEST(semicolons divide options as ampersands do) {
  const auto all = read_in("w=1;journal=true&tls=true");
  CAF_CHECK_EQUAL(found(all), "");
  CAF_CHECK(all.number("w") == 1 && all.flag("journal") == true && all.flag("tls") == true);
}

CAF_TEST(what a finding means depends on the profile and on what it is about) {
  const auto graded = [](const char* options) {
    const auto all = read_in(options);
    CAF_REQUIRE_EQUAL(all.findings.size(), 1U);
    return std::string{to_string(severity_in(profile::development, all.findings[0]))} + " "
           + std::string{to_string(severity_in(profile::production, all.findings[0]))};
  };
  CAF_CHECK_EQUAL(graded("colour=red"), "warning error");
  CAF_CHECK_EQUAL(graded("w=1&w=1"), "warning error");
  CAF_CHECK_EQUAL(graded("journal=x"), "warning error");
  CAF_CHECK_EQUAL(graded("wtimeout=1"), "warning warning");
  CAF_CHECK_EQUAL(graded("w=0&journal=true"), "error error");
  // Ignored, it would leave the connection without TLS.
  CAF_CHECK_EQUAL(graded("tls=yes"), "error error");
  CAF_CHECK_EQUAL(graded("tls=true&tls=false"), "error error");
}

CAF_TEST(no finding quotes a value) {
  for (const char* options :
       {"maxPoolSize=QZ", "tls=QZ", "compressors=QZ", "readPreference=QZ", "readPreferenceTags=QZ",
        "authMechanism=QZ", "authMechanismProperties=QZ", "proxyPassword=QZ", "colour=QZ",
        "tlsCertificateKeyFilePassword=QZ&tlsCertificateKeyFilePassword=QZ",
        "authMechanism=GSSAPI&authSource=QZ",
        "authMechanism=MONGODB-OIDC&authMechanismProperties="
        "ENVIRONMENT:QZ"}) {
    const auto all = read_in(options);
    CAF_CHECK(!all.findings.empty());
    for (const auto& one : all.findings)
      CAF_CHECK_EQUAL((one.option + one.problem + one.advice).find("QZ"), std::string::npos);
  }
}
