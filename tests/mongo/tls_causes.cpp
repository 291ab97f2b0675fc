#define CAF_SUITE mongo_tls_causes

// What TLS says in numbers and bytes, and libmongoc in words.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <caf/test/unit_test.hpp>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/fault.hpp"
#include "moor/mongo/opening.hpp"
#include "moor/mongo/server_facts.hpp"
#include "moor/mongo/steps.hpp"
#include "moor/mongo/tls_watch.hpp"
#include "moor/mongo/wire.hpp"

using namespace moor;
using namespace moor::mongo;

namespace {

opening after(std::vector<std::uint8_t> bytes, std::size_t at_once) {
  opening result;
  for (std::size_t i = 0; i < bytes.size(); i += at_once) {
    const auto count = std::min(at_once, bytes.size() - i);
    const iovec part{bytes.data() + i, count};
    result.received({&part, 1}, count);
  }
  return result;
}

std::string name(failure_cause cause) {
  return std::string{to_string(cause)};
}

} // namespace

CAF_TEST(what OpenSSL finds wrong with a certificate has its cause) {
  const auto of = [](long code) { return name(cause_of_verification(code)); };
  CAF_CHECK_EQUAL(of(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY), "tls_unknown_authority");
  CAF_CHECK_EQUAL(of(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN), "tls_unknown_authority");
  CAF_CHECK_EQUAL(of(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT), "tls_self_signed");
  CAF_CHECK_EQUAL(of(X509_V_ERR_HOSTNAME_MISMATCH), "tls_host_name");
  CAF_CHECK_EQUAL(of(X509_V_ERR_IP_ADDRESS_MISMATCH), "tls_host_name");
  CAF_CHECK_EQUAL(of(X509_V_ERR_CERT_HAS_EXPIRED), "tls_expired");
  CAF_CHECK_EQUAL(of(X509_V_ERR_CERT_NOT_YET_VALID), "tls_not_yet_valid");
  CAF_CHECK_EQUAL(of(X509_V_ERR_CERT_REVOKED), "tls_revoked");
  CAF_CHECK_EQUAL(of(X509_V_ERR_INVALID_PURPOSE), "tls_certificate");
}

CAF_TEST(an alert of the server has its cause) {
  const auto of
    = [](int alert, bool asked, bool has) { return name(cause_of_alert(alert, asked, has)); };
  CAF_CHECK_EQUAL(of(TLS13_AD_CERTIFICATE_REQUIRED, true, false), "tls_client_certificate_missing");
  CAF_CHECK_EQUAL(of(SSL_AD_HANDSHAKE_FAILURE, true, false), "tls_client_certificate_missing");
  CAF_CHECK_EQUAL(of(SSL_AD_BAD_CERTIFICATE, true, false), "tls_client_certificate_missing");
  for (const int alert :
       {SSL_AD_UNKNOWN_CA, SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_REVOKED})
    CAF_CHECK_EQUAL(of(alert, true, true), "tls_client_certificate_refused");
  CAF_CHECK_EQUAL(of(SSL_AD_PROTOCOL_VERSION, false, false), "tls_protocol");
  CAF_CHECK_EQUAL(of(SSL_AD_HANDSHAKE_FAILURE, false, true), "tls_protocol");
  CAF_CHECK_EQUAL(of(SSL_AD_HANDSHAKE_FAILURE, true, true), "tls_handshake");
  CAF_CHECK_EQUAL(of(SSL_AD_INTERNAL_ERROR, false, false), "tls_handshake");
}

CAF_TEST(an answer of HTTP is told by its first bytes) {
  for (const std::size_t at_once : {1, 4, 100}) {
    CAF_CHECK(after({'H', 'T', 'T', 'P', '/', '1', '.', '1', ' '}, at_once).is_http());
    CAF_CHECK(after({'H', 'T', 'T', 'P'}, at_once).is_http());
    CAF_CHECK(!after({'H', 'T', 'T'}, at_once).is_http());
    CAF_CHECK(!after({'h', 't', 't', 'p', '/'}, at_once).is_http());
    CAF_CHECK(!after({}, at_once).is_http());
  }
}

CAF_TEST(every wording that libmongoc is known by has its cause) {
  const auto of = [](const char* words) { return name(cause_in_words(words)); };
  CAF_CHECK_EQUAL(of("TLS handshake failed: Failed OCSP verification"), "tls_revoked");
  CAF_CHECK_EQUAL(of("TLS handshake failed: Failed certificate verification"), "tls_host_name");
  CAF_CHECK_EQUAL(
    of("TLS handshake failed: error:0A000086:SSL routines::certificate verify failed"),
    "tls_certificate");
  CAF_CHECK_EQUAL(of("TLS handshake failed: error:0A00010B:SSL routines::wrong version number"),
                  "tls_not_spoken");
  CAF_CHECK_EQUAL(of("TLS handshake failed: error:0A000102:SSL routines::unsupported protocol"),
                  "tls_protocol");
  CAF_CHECK_EQUAL(of("TLS handshake failed: error:00000000:lib(0)::reason(0)"), "tls_handshake");
  CAF_CHECK_EQUAL(of("Unknown authentication mechanism \"ODD\"."), "mechanism_unsupported");
  CAF_CHECK_EQUAL(of("The \"GSSAPI\" authentication mechanism is not supported by this build"),
                  "mechanism_unsupported");
  CAF_CHECK_EQUAL(of("Unsupported mechanism SCRAM-SHA-1"), "mechanism_not_offered");
  CAF_CHECK_EQUAL(of("Received authentication for mechanism PLAIN which is not enabled"),
                  "mechanism_not_offered");
  CAF_CHECK_EQUAL(of("No username provided for X509 authentication."),
                  "tls_client_certificate_missing");
  CAF_CHECK_EQUAL(of("cannot determine username for X-509 authentication."),
                  "tls_client_certificate_missing");
  CAF_CHECK_EQUAL(of("Authentication failed."), "credentials");
  CAF_CHECK_EQUAL(of("SCRAM Failure: could not verify server signature in sasl step 3"),
                  "credentials");
  CAF_CHECK_EQUAL(of("bad auth : authentication failed"), "credentials");
  CAF_CHECK_EQUAL(of("something else"), "other");
}

CAF_TEST(every cause has a name of its own) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < failure_causes; ++i)
    names.push_back(name(static_cast<failure_cause>(i)));
  auto sorted = names;
  std::sort(sorted.begin(), sorted.end());
  CAF_CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  CAF_CHECK_EQUAL(name(failure_cause{200}), "other");
  CAF_CHECK(!is_lasting(failure_cause{200}) && !is_tls(failure_cause{200}));
  CAF_CHECK(is_tls(failure_cause::tls_handshake) && !is_lasting(failure_cause::tls_handshake));
  CAF_CHECK(is_lasting(failure_cause::credentials) && !is_lasting(failure_cause::dial_refused));
}

CAF_TEST(an alert is known whatever pieces it comes in) {
  const std::vector<std::uint8_t> alert{21, 3, 3, 0, 2, 2, 70};
  for (const std::size_t piece : {1, 3, 7}) {
    const auto seen = after(alert, piece);
    CAF_CHECK(seen.is_alert() && !seen.is_not_tls() && !seen.silent());
    CAF_CHECK_EQUAL(seen.alert().value_or(0), 70);
  }
  CAF_CHECK(!after({21, 3, 3, 0}, 4).is_alert()); // it may be the length of an answer
  CAF_CHECK(!after({21, 3, 3, 0, 2}, 5).alert().has_value());
}

CAF_TEST(what is no record of TLS is known by its first bytes) {
  CAF_CHECK(!after({}, 1).is_not_tls() && after({}, 1).silent());
  CAF_CHECK(!after({22}, 1).is_not_tls());
  CAF_CHECK(!after({22, 3, 3, 0, 90}, 5).is_not_tls());
  CAF_CHECK(after({'H', 'T', 'T', 'P'}, 4).is_not_tls());
  CAF_CHECK(after({22, 0, 0, 0}, 4).is_not_tls()); // an answer of 22 bytes
}

CAF_TEST(what TLS failed for outlives the close that follows) {
  wire line;
  line.note(io_fault::closed, "a", "a: expired", failure_cause::tls_expired);
  line.note(io_fault::closed, "a", "a closed", failure_cause::closed);
  CAF_CHECK_EQUAL(line.trouble().text, "a: expired");
  CAF_CHECK_EQUAL(name(line.trouble().cause), "tls_expired");
  line.forget("a");
  line.note(io_fault::closed, "a", "a refused", failure_cause::dial_refused);
  CAF_CHECK_EQUAL(name(line.trouble().cause), "dial_refused");
}

CAF_TEST(a cause that may pass goes before those that last) {
  wire line;
  line.note(io_fault::closed, "a", "a: expired", failure_cause::tls_expired);
  line.note(io_fault::closed, "b", "b refused", failure_cause::dial_refused);
  line.note(io_fault::closed, "c", "c: host", failure_cause::tls_host_name);
  CAF_CHECK_EQUAL(name(line.trouble().cause), "dial_refused");
  line.forget("b");
  CAF_CHECK_EQUAL(name(line.trouble().cause), "tls_host_name");
}

CAF_TEST(steps are recorded while the log is open and those left undone are told) {
  step_log log;
  log.begin(establish_step::dial, "a");
  log.open();
  log.end(establish_step::dial, "a", true);
  CAF_CHECK(log.all().empty());
  log.begin(establish_step::dial, "a");
  log.begin(establish_step::dial, "b");
  log.end(establish_step::dial, "b", true);
  log.begin(establish_step::hello, "b");
  log.hello_ended("b");
  log.commands_begin();
  log.command_sent("b", true);
  log.end_ping();
  log.close();
  log.begin(establish_step::dial, "c");
  std::string text;
  for (const auto& step : log.all())
    text += step.server + " " + std::string{to_string(step.step)} + (step.done ? ", " : "!, ");
  CAF_CHECK_EQUAL(text, "b dial, b hello, b authenticate, b ping, a dial!, ");
}

CAF_TEST(a log of steps is bounded) {
  step_log log;
  log.open();
  for (std::size_t i = 0; i < 2 * step_log::most; ++i) {
    log.begin(establish_step::dial, "a");
    log.end(establish_step::dial, "a", true);
  }
  CAF_CHECK_EQUAL(log.all().size(), step_log::most);
}

CAF_TEST(the kind of a server follows from its answer to hello) {
  const auto of = [](const char* json) {
    server_facts facts;
    read_facts(std::get<document>(from_json(json)), facts);
    return std::string{to_string(facts.kind)} + ' ' + facts.set_name;
  };
  CAF_CHECK_EQUAL(of(R"({"isWritablePrimary": true})"), "standalone ");
  CAF_CHECK_EQUAL(of(R"({"ismaster": true, "setName": "a"})"), "replica set primary a");
  CAF_CHECK_EQUAL(of(R"({"secondary": true, "setName": "a"})"), "replica set secondary a");
  CAF_CHECK_EQUAL(of(R"({"arbiterOnly": true, "setName": "a"})"), "replica set member a");
  CAF_CHECK_EQUAL(of(R"({"isreplicaset": true})"), "replica set member ");
  CAF_CHECK_EQUAL(of(R"({"isWritablePrimary": true, "msg": "isdbgrid"})"), "router ");
  server_facts untouched;
  read_facts({}, untouched);
  CAF_CHECK(untouched.kind == topology_kind::unknown);
}
