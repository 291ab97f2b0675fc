// The HTTP endpoint over TLS: the same answers, and none to whoever does not speak it well.
#define CAF_SUITE endpoint_tls

#include "runtime/tls_visitor.hpp"

#include "caf/test/dsl.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

#include "support/certificates.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::string_view_literals;

namespace {

const certificate_authority& authority() {
  static const certificate_authority instance;
  return instance;
}

const server_certificate& issued() {
  static const server_certificate instance = authority().issue("localhost");
  return instance;
}

tls_manner trusting() {
  return {.trusted = authority().file()};
}

/// An endpoint with a certificate for localhost that is not open yet.
struct tls_rig : endpoint_rig {
  tls_rig() {
    config.certificate_file = issued().certificate.string();
    config.key_file = issued().key.string();
  }

  reply get(const std::string& path, const std::string& headers = "Host: localhost\r\n") const {
    return get_secured(port(), trusting(), path, headers);
  }
};

struct open_tls_rig : tls_rig {
  open_tls_rig() { CAF_REQUIRE_EQUAL(start(), ""); }
};

/// The beginning of a ClientHello: a handshake record that says it is 512 bytes long.
constexpr std::string_view half_a_hello{"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11};

} // namespace

CAF_TEST_FIXTURE_SCOPE(open_tls_tests, open_tls_rig)

CAF_TEST(all paths are served) {
  CAF_CHECK_EQUAL(open->url(), "https://127.0.0.1:" + std::to_string(port()) + "/");
  put("a", health_state::healthy);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto manner = trusting();
    manner.least = manner.most = version;
    for (const auto* path : {"/", "/metrics", "/stats", "/health/live", "/health/ready"}) {
      const auto answer = get_secured(port(), manner, path);
      CAF_CHECK_EQUAL(answer.status, 200);
      CAF_CHECK_EQUAL(answer.header("content-length"), std::to_string(answer.body.size()));
    }
    CAF_CHECK_EQUAL(get_secured(port(), manner, "/nothing").status, 404);
  }
}

CAF_TEST(streams tell of news and of life over TLS) {
  put("a", health_state::healthy);
  const tls_visitor one{port(), trusting()};
  one.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto start = one.read_until("\n\ndata: ");
  CAF_CHECK_EQUAL(parse_reply(start).header("content-type"), "text/event-stream");
  put("b", health_state::degraded);
  CAF_CHECK(contains(one.read_until("planted cause"), "planted cause"));
  CAF_CHECK(contains(one.read_until("event: beat"), "event: beat"));
  open.reset();
  one.read_until(); // comes to an end
}

CAF_TEST(an answer of a megabyte arrives whole) {
  auto made = std::make_shared<pool_snapshot>();
  made->pool = std::string(1'000'000, 'x');
  shown->put(std::move(made));
  const auto said = nlohmann::json::parse(get("/stats").body);
  CAF_CHECK_EQUAL(said["pools"][0]["pool"].get<std::string>().size(), 1'000'000U);
}

CAF_TEST(only who speaks TLS is served) {
  for (const std::string_view text : {"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"sv,
                                      "\x15\x03\x01\x00\x02\x02\x00"sv, "SSH-2.0-x\r\n"sv}) {
    const visitor plain{port()};
    plain.send(text);
    CAF_CHECK(!contains(plain.read_until(), "HTTP/1.1 200")); // and comes to an end
  }
  const tls_visitor odd{port(), trusting()};
  odd.send("GET /st");
  odd.send_plain("ats HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CAF_CHECK(!contains(odd.read_until(), "200"));
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
}

CAF_TEST(nothing older or weaker than TLS 1.2 with forward secrecy) {
  tls_manner old = trusting();
  old.least = TLS1_VERSION;
  old.ciphers = "DEFAULT@SECLEVEL=0"; // otherwise the visitor would not dare itself
  old.most = TLS1_1_VERSION;
  CAF_CHECK(contains(refusal_of(port(), old), "alert protocol version"));
  old.most = TLS1_2_VERSION;
  CAF_CHECK_EQUAL(refusal_of(port(), old), "");

  auto weak = trusting();
  weak.most = TLS1_2_VERSION;
  for (const auto* ciphers :
       {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES128-SHA"}) {
    weak.ciphers = ciphers;
    CAF_CHECK(contains(refusal_of(port(), weak), "handshake failure"));
  }
  weak.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  CAF_CHECK_EQUAL(refusal_of(port(), weak), "");
}

CAF_TEST(visitors can tell whom they reached) {
  CAF_CHECK_EQUAL(refusal_of(port(), trusting()), "");
  auto manner = trusting();
  manner.host = "elsewhere.example";
  CAF_CHECK(contains(refusal_of(port(), manner), "certificate verify failed"));
  const certificate_authority other;
  CAF_CHECK(contains(refusal_of(port(), {.trusted = other.file()}), "certificate verify failed"));
}

CAF_TEST(names of others lead nowhere over TLS either) {
  CAF_CHECK_EQUAL(get("/stats", "Host: evil.example\r\n").status, 421);
  CAF_CHECK_EQUAL(get("/stats", "Host: localhost:1\r\n").status, 200);
}

CAF_TEST(ends while handshakes are open) {
  const visitor silent{port()};
  const visitor half{port()};
  half.send(half_a_hello);
  const tls_visitor greeted{port(), trusting()};
  open.reset();
  silent.read_until(); // these come to an end
  half.read_until();
  greeted.read_until();
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(tls_tests, tls_rig)

CAF_TEST(TLS over IPv6) {
  config.listen = "[::1]:0";
  if (const auto why = start(); !why.empty()) { // on a machine without
    CAF_CHECK(contains(why, "Cannot assign requested address"));
    return;
  }
  auto manner = trusting();
  manner.family = AF_INET6;
  CAF_CHECK_EQUAL(open->url(), "https://[::1]:" + std::to_string(port()) + "/");
  CAF_CHECK_EQUAL(get_secured(port(), manner, "/health/live").status, 200);
  CAF_CHECK_EQUAL(get_secured(port(), manner, "/stats", "Host: evil.example\r\n").status, 421);
}

CAF_TEST(a user and a password over TLS) {
  scratch_directory directory;
  config.user = "operator";
  config.password_file = (directory.path() / "password").string();
  std::ofstream{config.password_file} << "open sesame\n";
  CAF_REQUIRE_EQUAL(start(), "");
  CAF_CHECK_EQUAL(get("/metrics").status, 401);
  const std::string basic = "Host: localhost\r\nAuthorization: Basic ";
  CAF_CHECK_EQUAL(get("/metrics", basic + "b3BlcmF0b3I6b3Blbg==\r\n").status, 401);
  // operator:open sesame
  CAF_CHECK_EQUAL(get("/metrics", basic + "b3BlcmF0b3I6b3BlbiBzZXNhbWU=\r\n").status, 200);
}

CAF_TEST(stalled handshakes end and take no place) {
  config.max_connections = 2;
  CAF_REQUIRE_EQUAL(start(), "");
  std::vector<std::unique_ptr<visitor>> stalled;
  for (int i = 0; i < 4; ++i) { // as many as there are threads, those for refusing included
    stalled.push_back(std::make_unique<visitor>(port()));
    stalled.back()->send(half_a_hello);
  }
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
  CAF_CHECK_EQUAL(get("/metrics").status, 200);
  for (const auto& one : stalled)
    one->read_until(); // comes to an end, which they would never have made
}

CAF_TEST(a flood of stalled handshakes delays health by little) {
  config.max_connections = 2;
  CAF_REQUIRE_EQUAL(start(), "");
  std::vector<std::unique_ptr<visitor>> flood; // at a full patience each, two minutes
  for (int i = 0; i < 100; ++i) {
    flood.push_back(std::make_unique<visitor>(port()));
    flood.back()->send(i % 2 == 0 ? std::string_view{} : half_a_hello);
  }
  const auto begin = std::chrono::steady_clock::now();
  // One whose own handshake was slow is sent away, too, and comes again.
  CAF_CHECK(eventually([this] {
    try {
      return get("/health/live").status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  }));
  CAF_CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{30});
}

CAF_TEST(failed handshakes leave the number of visitors right) {
  config.max_connections = 1;
  CAF_REQUIRE_EQUAL(start(), "");
  for (int i = 0; i < 20; ++i) {
    const visitor one{port()};
    if (i % 2 == 0)
      one.send(half_a_hello);
  }
  CAF_CHECK(eventually([this] { return get("/metrics").status == 200; }));
  const tls_visitor first{port(), trusting()};
  CAF_CHECK(eventually([this] { return get("/metrics").status == 503; }));
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
}

CAF_TEST(a chain in the file of the certificate reaches visitors) {
  const certificate_authority between{authority(), "moor test intermediate"};
  const auto leaf = between.issue("localhost");
  config.key_file = leaf.key.string();
  config.certificate_file = leaf.certificate.string();
  CAF_REQUIRE_EQUAL(start(), "");
  CAF_CHECK(contains(refusal_of(port(), trusting()), "certificate verify failed"));

  scratch_directory directory;
  config.certificate_file = (directory.path() / "chain.pem").string();
  std::ofstream{config.certificate_file} << std::ifstream{leaf.certificate}.rdbuf()
                                         << std::ifstream{between.file()}.rdbuf();
  CAF_REQUIRE_EQUAL(start(), "");
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
}

CAF_TEST_FIXTURE_SCOPE_END()
