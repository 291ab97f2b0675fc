#define CAF_SUITE mongo_tls

#include <ctime>
#include <fstream>
#include <memory>

#include "mongo/server_rig.hpp"
#include "moor/mongo/server_facts.hpp"
#include "support/certificates.hpp"
#include "support/tls_peer.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

server_options with_certificate(server_certificate certificate) {
  server_options result;
  result.tls = std::move(certificate);
  return result;
}

const certificate_authority& authority() {
  static const certificate_authority instance;
  return instance;
}

embedded_server& server() {
  static embedded_server instance{with_certificate(authority().issue("localhost"))};
  return instance;
}

settings with(const std::string& host, const std::string& options) {
  return settings_with("mongodb://" + host + ":" + std::to_string(server().port()) + "/?tls=true"
                       + options);
}

std::string trust() {
  return "&tlsCAFile=" + authority().file().string();
}

/// The same to another server.
settings to(std::uint16_t port, const std::string& host, const std::string& options) {
  auto result = settings_with("mongodb://" + host + ":" + std::to_string(port) + "/" + options);
  result.connect_timeout = forever;
  return result;
}

/// A server of the embedded kind with another certificate, or that asks for one.
struct other_server {
  explicit other_server(server_certificate shown, bool asks = false) {
    auto options = with_certificate(std::move(shown));
    if (asks)
      options.client_authorities = authority().file();
    server = std::make_unique<embedded_server>(options);
  }
  settings at(const std::string& host, const std::string& options = trust()) const {
    return to(server->port(), host, "?tls=true" + options);
  }
  std::unique_ptr<embedded_server> server;
};

#define CHECK_CAUSE(got, expected_code, expected_cause, part)                                      \
  do {                                                                                             \
    const failure& seen_cause = (got);                                                             \
    CAF_MESSAGE(seen_cause.text);                                                                  \
    CAF_CHECK_EQUAL(to_string(seen_cause.code), to_string(expected_code));                         \
    CAF_CHECK_EQUAL(to_string(seen_cause.cause), to_string(failure_cause::expected_cause));        \
    CAF_CHECK(has(seen_cause.text, part));                                                         \
    CAF_CHECK(!has(seen_cause.text, "suitable server"));                                           \
  } while (false)

} // namespace

CAF_TEST(a certificate of the right authority is accepted) {
  const auto ours = established_with(with("localhost", trust()));
  CAF_CHECK(has(answer(*ours, R"({"insert": "things", "documents": [{"x": 1}]})"), "\"n\" : 1"));
  const std::string megabyte(1'000'000, 'x');
  answer(*ours, R"({"insert": "large", "documents": [{"x": ")" + megabyte + "\"}]}");
  CAF_CHECK(has(answer(*ours, R"({"find": "large"})"), megabyte));
}

CAF_TEST(a certificate of another authority is refused) {
  const certificate_authority other;
  const auto got = refusal(with("localhost", "&tlsCAFile=" + other.file().string()));
  CHECK_CAUSE(got, errc::tls_failed, tls_unknown_authority, "authority that is trusted");
  CAF_CHECK(got.reach == spoils::generation);
  CAF_CHECK(has(got.text, "localhost:" + std::to_string(server().port())));
  CHECK_CAUSE(refusal(with("localhost", "")), errc::tls_failed, tls_unknown_authority, "issuer");
}

CAF_TEST(a certificate that nobody signed is refused) {
  const other_server alone{authority().self_signed()};
  CHECK_CAUSE(refusal(alone.at("localhost")), errc::tls_failed, tls_self_signed, "itself");
}

CAF_TEST(a certificate for another host is refused unless that is allowed) {
  CHECK_CAUSE(refusal(with("127.0.0.1", trust())), errc::tls_failed, tls_host_name,
              "IP address mismatch");
  established_with(with("127.0.0.1", trust() + "&tlsAllowInvalidHostnames=true"));
  established_with(with("127.0.0.1", "&tlsInsecure=true"));
  const other_server elsewhere{authority().issue("db.example.org")};
  CHECK_CAUSE(refusal(elsewhere.at("localhost")), errc::tls_failed, tls_host_name,
              "hostname mismatch");
}

CAF_TEST(a certificate may be for an address) {
  const other_server numeric{
    authority().issue("numeric", {.alternative_names = "IP:127.0.0.1,DNS:db.example.org"})};
  established_with(numeric.at("127.0.0.1"));
  CHECK_CAUSE(refusal(numeric.at("localhost")), errc::tls_failed, tls_host_name, "mismatch");
}

CAF_TEST(a certificate out of its time is refused) {
  const other_server expired{authority().issue(
    "expired", {.not_before = "20200101000000Z", .not_after = "20200102000000Z"})};
  CHECK_CAUSE(refusal(expired.at("localhost")), errc::tls_failed, tls_expired, "expired");
  const other_server early{
    authority().issue("early", {.not_before = "20950101000000Z", .not_after = "20960101000000Z"})};
  CHECK_CAUSE(refusal(early.at("localhost")), errc::tls_failed, tls_not_yet_valid, "not valid yet");
}

CAF_TEST(a certificate that must come with word of its revocation is refused without) {
  const other_server strict{
    authority().issue("strict", {.extensions = "tlsfeature=status_request"})};
  CHECK_CAUSE(refusal(strict.at("localhost")), errc::tls_failed, tls_revoked, "revoked");
}

CAF_TEST(a server that demands a client certificate gets it or says so) {
  const other_server demanding{authority().issue("localhost"), true};
  CHECK_CAUSE(refusal(demanding.at("localhost")), errc::tls_failed, tls_client_certificate_missing,
              "none is configured");
  const auto key = "&tlsCertificateKeyFile=";
  const auto ours = authority().for_client("client").string();
  established_with(demanding.at("localhost", trust() + key + ours));
  const certificate_authority other;
  const auto foreign = other.for_client("stranger").string();
  CHECK_CAUSE(refusal(demanding.at("localhost", trust() + key + foreign)), errc::tls_failed,
              tls_client_certificate_refused, "does not accept the client certificate");
}

CAF_TEST(before TLS 1.3 the same is told by a general alert) {
  const tls_peer demanding{
    authority().issue("localhost"),
    {"-tls1_2", "-Verify", "1", "-verify_return_error", "-CAfile", authority().file().string()}};
  const auto at = [&](const std::string& options) {
    return to(demanding.port(), "localhost", "?tls=true" + trust() + options);
  };
  CHECK_CAUSE(refusal(at("")), errc::tls_failed, tls_client_certificate_missing, "none is");
  const certificate_authority other;
  const auto foreign = other.for_client("stranger").string();
  CHECK_CAUSE(refusal(at("&tlsCertificateKeyFile=" + foreign)), errc::tls_failed,
              tls_client_certificate_refused, "does not accept");
}

CAF_TEST(a server with another version of TLS says so) {
  const tls_peer old{authority().issue("localhost"), {"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"}};
  CHECK_CAUSE(refusal(to(old.port(), "localhost", "?tls=true" + trust())), errc::tls_failed,
              tls_protocol, "in common");
}

CAF_TEST(a file of the TLS options that is none is told) {
  const scratch_directory place;
  std::ofstream{place.path() / "empty.pem"}.flush();
  const auto file = (place.path() / "empty.pem").string();
  CHECK_CAUSE(refusal(with("localhost", trust() + "&tlsCertificateKeyFile=" + file)),
              errc::tls_failed, tls_settings, "tlsCertificateKeyFile");
}

// It takes the client's handshake for the length of a message, and closes.
CAF_TEST(a server without TLS is told from one that is lost) {
  const embedded_server plain;
  const auto got = refusal(to(plain.port(), "localhost", "?tls=true" + trust()));
  CAF_MESSAGE(got.text);
  CAF_CHECK(got.cause == failure_cause::closed || got.cause == failure_cause::tls_not_spoken);
  CAF_CHECK(has(got.text, "TLS"));
}

CAF_TEST(a server that wants TLS does not talk without) {
  auto from = settings_with(server().uri());
  from.connect_timeout = 5s; // a server may wait for more of what it takes for a handshake
  const auto got = refusal(from);
  CAF_MESSAGE(got.text);
  CAF_CHECK(got.cause == failure_cause::closed || got.cause == failure_cause::no_answer
            || got.cause == failure_cause::tls_demanded);
}

CAF_TEST(the steps of establishing and what TLS led to can be read) {
  const auto ours = connection_with(with("localhost", trust()));
  CAF_CHECK(ours->steps().empty());
  CAF_REQUIRE(!ours->establish());
  std::string names;
  for (const auto& step : ours->steps()) {
    names += (names.empty() ? "" : " ") + std::string{to_string(step.step)};
    CAF_CHECK(step.done);
    CAF_CHECK(step.took > duration::zero());
    CAF_CHECK_EQUAL(step.server, "localhost:" + std::to_string(server().port()));
  }
  CAF_CHECK_EQUAL(names, "resolve dial tls hello ping");
  const auto tls = ours->tls();
  CAF_REQUIRE(tls.has_value());
  CAF_CHECK(tls->version.starts_with("TLSv1."));
  CAF_CHECK(!tls->cipher.empty());
  CAF_REQUIRE(tls->certificate_expires.has_value());
  const auto left = *tls->certificate_expires - std::time(nullptr);
  CAF_CHECK(left > 0 && left <= 2 * 24 * 3600);
}

CAF_TEST(a server says its version and what it is) {
  const auto ours = established_with(with("localhost", trust()));
  const auto got = ask_server_facts(*ours);
  CAF_REQUIRE(std::holds_alternative<server_facts>(got));
  const auto& facts = std::get<server_facts>(got);
  CAF_CHECK(!facts.version.empty());
  CAF_CHECK_EQUAL(to_string(facts.kind), "replica set primary");
  CAF_CHECK_EQUAL(facts.set_name, "secantus");
  CAF_CHECK(facts.max_wire > 0);
}

CAF_TEST(the step in which establishing ended is told) {
  const auto last_of = [](const settings& from) {
    const auto ours = connection_with(from);
    CAF_CHECK(ours->establish().has_value());
    const auto steps = ours->steps();
    CAF_REQUIRE(!steps.empty());
    CAF_CHECK(!steps.back().done);
    return std::string{to_string(steps.back().step)};
  };
  CAF_CHECK_EQUAL(last_of(with("127.0.0.1", trust())), "tls");
  CAF_CHECK_EQUAL(last_of(to(1, "no-such-host.invalid", "")), "resolve");
  CAF_CHECK_EQUAL(last_of(to(1, "127.0.0.1", "")), "dial");
  const other_server demanding{authority().issue("localhost"), true};
  CAF_CHECK_EQUAL(last_of(demanding.at("localhost")), "tls");
}

CAF_TEST(an interrupt ends a command under TLS) {
  const auto ours = established_with(with("localhost", trust()));
  server().pause();
  std::thread other{[&] { ours->interrupt(); }};
  CHECK_FAILURE(failure_of(*ours, "{\"ping\": 1}"), errc::connection_lost, spoils::connection);
  other.join();
  server().resume();
}

CAF_TEST(silence and loss are told apart under TLS) {
  auto ours = established_with(with("localhost", trust()));
  server().pause();
  auto got = ours->ping(100ms);
  CAF_REQUIRE(got.has_value());
  CHECK_FAILURE(*got, errc::operation_timeout, spoils::connection);
  server().resume();
  ours = established_with(with("localhost", trust()));
  server().kill_now();
  CHECK_FAILURE(failure_of(*ours, "{\"ping\": 1}"), errc::connection_lost, spoils::generation);
  server().restart();
}
