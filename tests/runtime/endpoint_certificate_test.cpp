// The HTTP endpoint's certificate: what is wrong with its files, and what happens when they change.
#define CAF_SUITE endpoint_certificate

#include "runtime/self_signed.hpp"
#include "runtime/tls_visitor.hpp"

#include "caf/test/dsl.hpp"

#include <fstream>
#include <mutex>

#include "support/certificates.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

using path = std::filesystem::path;

/// An endpoint whose certificate and key are in one file, which is not there yet.
struct certificate_rig : endpoint_rig {
  scratch_directory directory;
  path file = directory.path() / "site.pem";
  std::mutex mutex;
  std::vector<std::string> lines;

  certificate_rig() {
    config.certificate_file = file.string();
    log.write = [this](log_level, const std::string& line) {
      const std::lock_guard guard{mutex};
      lines.push_back(line);
    };
  }
  ~certificate_rig() { open.reset(); } // which writes lines until then

  /// As a renewal should: nobody sees half of it.
  void replace_file(const std::function<void(const path&)>& write) const {
    const auto fresh = directory.path() / "fresh";
    write(fresh);
    std::filesystem::rename(fresh, file);
  }

  void put_self_signed(const self_signed& how = {}) const {
    replace_file([&how](const path& at) { write_self_signed(at, how); });
  }

  void put_text(const std::string& text) const {
    replace_file([&text](const path& at) { std::ofstream{at} << text; });
  }

  static std::string text_of(const path& of) {
    return {std::istreambuf_iterator<char>{std::ifstream{of}.rdbuf()}, {}};
  }

  std::string serial() const { return tls_visitor{port(), {}}.serial(); }

  std::size_t logged(const std::string& part) {
    const std::lock_guard guard{mutex};
    return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [&part](const auto& line) { return contains(line, part); }));
  }

  /// Visits until that is in the log.
  bool visits_until_logged(const std::string& part) {
    return eventually([&] { return !serial().empty() && logged(part) > 0; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(certificate_tests, certificate_rig)

CAF_TEST(files that cannot be used are named with the reason) {
  const auto check_refused = [this](const std::string& why) {
    const auto said = start();
    CAF_CHECK(contains(said, "no HTTP endpoint at 127.0.0.1:0"));
    CAF_CHECK(contains(said, config.certificate_file));
    CAF_CHECK(contains(said, why));
    if (!contains(said, why))
      CAF_MESSAGE("it said: " << said);
  };
  check_refused("cannot be read: No such file");
  put_text("nonsense\n");
  check_refused("holds no certificate");
  put_text("-----BEGIN CERTIFICATE-----\n");
  check_refused("holds a certificate that is damaged");
  put_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  check_refused("holds a certificate that is damaged");
  put_text(std::string(2'000'000, 'x'));
  check_refused("is larger than 1 MiB");

  put_self_signed();
  const auto halves = [](const std::string& text) {
    const auto at = text.find("-----BEGIN PRIVATE KEY-----");
    CAF_REQUIRE_NOT_EQUAL(at, text.npos);
    return std::pair{text.substr(0, at), text.substr(at)};
  };
  const auto [one, its_key] = halves(text_of(file));
  put_text(one);
  check_refused("holds no private key");
  put_text(one + its_key.substr(0, 60));
  check_refused("is damaged after the first certificate");
  put_text(one + "-----BEGIN CERTIFICATE-----\nAAAA\n" + its_key);
  check_refused("is damaged after the first certificate");
  put_text(one + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  check_refused("holds a private key that is damaged");
  put_self_signed();
  put_text(one + halves(text_of(file)).second);
  check_refused("not that of the first certificate");

  put_self_signed({.passphrase = "planted passphrase"});
  check_refused("holds an encrypted private key");
  CAF_CHECK(!contains(start(), "planted"));
  put_self_signed({.valid_from = -48h, .valid_until = -24h});
  check_refused("expired on 2");
  put_self_signed({.valid_from = 24h, .valid_until = 48h});
  check_refused("is valid only from 2");
  put_self_signed({.rsa_bits = 1'024});
  check_refused("is refused by OpenSSL: ee key too small");

  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  check_refused("is a directory, not a file");
}

CAF_TEST(a key that everybody may read is refused if nobody may) {
  using std::filesystem::perms;
  put_self_signed();
  std::filesystem::permissions(file, perms::owner_read | perms::others_read);
  when_exposed = "is for everybody";
  CAF_CHECK(contains(start(), "the key file " + config.certificate_file + " is for everybody"));
  config.key_file = (directory.path() / "key.pem").string();
  std::filesystem::copy_file(file, config.key_file);
  CAF_CHECK(contains(start(), "the key file " + config.key_file + " is for everybody"));
  std::filesystem::permissions(config.key_file, perms::owner_read | perms::group_read);
  CAF_CHECK_EQUAL(start(), ""); // the certificate itself is no secret
  config.key_file.clear();
  when_exposed.clear();
  CAF_CHECK_EQUAL(start(), "");
}

CAF_TEST(a key in a file of its own) {
  config.key_file = (directory.path() / "key.pem").string();
  const auto check_key_refused = [this](const std::string& why) {
    const auto said = start();
    CAF_CHECK(contains(said, config.key_file));
    CAF_CHECK(contains(said, why));
  };
  put_self_signed();
  check_key_refused("cannot be read: No such file");
  std::ofstream{config.key_file} << "nonsense\n";
  check_key_refused("holds no private key");
  write_self_signed(config.key_file, {});
  check_key_refused("not that of the first certificate in " + config.certificate_file);
  std::filesystem::copy_file(file, config.key_file,
                             std::filesystem::copy_options::overwrite_existing);
  CAF_CHECK_EQUAL(start(), "");
  CAF_CHECK_EQUAL(get_secured(port(), {}, "/health/live").status, 200);

  config.certificate_file.clear();
  CAF_CHECK(contains(start(), "http-certificate-file is not"));
}

CAF_TEST(a certificate and a key that others may not read) {
  put_self_signed();
  if (::geteuid() == 0) // whom nothing stops
    return;
  std::filesystem::permissions(file, std::filesystem::perms::none);
  const auto said = start();
  CAF_CHECK(contains(said, config.certificate_file + " cannot be read: Permission denied"));
}

CAF_TEST(a renewed certificate is shown to whoever comes next) {
  const certificate_authority authority;
  const auto put_issued = [&] {
    const auto fresh = authority.issue("localhost");
    put_text(text_of(fresh.certificate) + text_of(fresh.key));
  };
  put_issued();
  CAF_REQUIRE_EQUAL(start(), "");
  const auto first = serial();
  CAF_CHECK_NOT_EQUAL(first, "");
  const tls_visitor before{port(), {}};

  put_issued();
  CAF_CHECK(eventually([&] { return serial() != first; }));
  CAF_CHECK_EQUAL(
    logged("event=certificate_renewed file=\"" + file.string() + "\" valid_until=\"2"), 1U);
  CAF_CHECK_EQUAL(refusal_of(port(), {.trusted = authority.file()}), "");
  before.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"); // stays as it was
  CAF_CHECK_EQUAL(parse_reply(before.read_until()).status, 200);
}

CAF_TEST(a renewal that fails changes nothing and is told once) {
  put_self_signed();
  CAF_REQUIRE_EQUAL(start(), "");
  const auto first = serial();
  const std::string failed = "event=certificate_not_renewed cause=\"the certificate ";

  put_text("nonsense\n");
  CAF_CHECK(visits_until_logged(failed + "file " + file.string() + " holds no certificate"));
  CAF_CHECK_EQUAL(serial(), first);
  put_self_signed({.valid_from = -48h, .valid_until = -24h});
  CAF_CHECK(visits_until_logged(failed + "in " + file.string() + " expired on 2"));
  std::filesystem::remove(file);
  CAF_CHECK(visits_until_logged(failed + "file " + file.string() + " cannot be read: No such"));
  CAF_CHECK_EQUAL(serial(), first);
  CAF_CHECK_EQUAL(logged("not_renewed"), 3U);

  put_self_signed();
  CAF_CHECK(visits_until_logged("event=certificate_renewed"));
  CAF_CHECK_NOT_EQUAL(serial(), first);
  CAF_CHECK_EQUAL(logged("not_renewed"), 3U);
}

CAF_TEST(a certificate that expires while it is shown is told once) {
  // On a machine that stalls it may be too old before the endpoint opens.
  for (auto life = 2s; life < 60s; life *= 2) {
    put_self_signed({.valid_until = life});
    if (start().empty())
      break;
  }
  CAF_REQUIRE(open);
  CAF_CHECK(visits_until_logged("event=certificate_expired cause=\"the certificate that was read "
                                "from "
                                + file.string() + " expired on 2"));
  put_self_signed();
  CAF_CHECK(visits_until_logged("event=certificate_renewed"));
  CAF_CHECK_EQUAL(logged("certificate_expired"), 1U);
}

CAF_TEST_FIXTURE_SCOPE_END()
