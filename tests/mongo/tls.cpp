#define CAF_SUITE mongo_tls

#include "mongo/server_rig.hpp"
#include "support/certificates.hpp"

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

void check_refused(const settings& from, const std::string& reason) {
  const auto got = refusal(from);
  CHECK_FAILURE(got, errc::connect_failed, spoils::connection);
  CAF_CHECK(has(got.text, "TLS handshake failed"));
  CAF_CHECK(has(got.text, reason));
}

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
  check_refused(with("localhost", "&tlsCAFile=" + other.file().string()),
                "certificate verify failed");
  check_refused(with("localhost", ""), "certificate verify failed");
}

CAF_TEST(a certificate for another host is refused unless that is allowed) {
  check_refused(with("127.0.0.1", trust()), "IP address mismatch");
  established_with(with("127.0.0.1", trust() + "&tlsAllowInvalidHostnames=true"));
  established_with(with("127.0.0.1", "&tlsInsecure=true"));
}

CAF_TEST(a server that wants TLS does not talk without) {
  auto from = settings_with(server().uri());
  from.connect_timeout = 5s; // a server may wait for more of what it takes for a handshake
  CHECK_FAILURE(refusal(from), errc::connect_failed, spoils::connection);
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
