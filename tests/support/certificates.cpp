#include "support/certificates.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <sys/wait.h>

#include "support/child_process.hpp"

namespace moor::test {

namespace {

const std::vector<std::string> new_key{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                       "-nodes"};

/// `openssl x509` of Debian 12 cannot say when a certificate begins to be valid; `openssl ca` can.
constexpr const char* configuration = R"([ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
rand_serial = yes
default_md = sha256
default_days = 2
policy = anything
unique_subject = no
[anything]
commonName = supplied
)";

std::vector<std::string> operator+(std::vector<std::string> all,
                                   const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

} // namespace

certificate_authority::certificate_authority() {
  openssl(std::vector<std::string>{"req", "-x509", "-days", "2", "-subj", "/CN=moor test authority",
                                   "-keyout", "ca.key", "-out", "ca.pem"}
          + new_key);
  open_books();
}

certificate_authority::certificate_authority(const certificate_authority& above,
                                             const std::string& name) {
  std::ofstream{directory_.path() / "ca.ext"} << "basicConstraints=critical,CA:TRUE\n";
  openssl(
    std::vector<std::string>{"req", "-subj", "/CN=" + name, "-keyout", "ca.key", "-out", "ca.csr"}
    + new_key);
  openssl({"x509", "-req", "-days", "2", "-in", "ca.csr", "-CA", above.file().string(), "-CAkey",
           (above.directory_.path() / "ca.key").string(), "-CAcreateserial", "-extfile", "ca.ext",
           "-out", "ca.pem"});
  open_books();
}

void certificate_authority::open_books() const {
  std::ofstream{directory_.path() / "ca.cnf"} << configuration;
  std::ofstream{directory_.path() / "index.txt"}.flush();
}

std::filesystem::path certificate_authority::file() const {
  return directory_.path() / "ca.pem";
}

server_certificate certificate_authority::issue(const std::string& host) const {
  return issue(host, {.alternative_names = "DNS:" + host});
}

server_certificate certificate_authority::issue(const std::string& name,
                                                const certificate_wishes& wishes) const {
  const auto file = [&](const char* ending) { return directory_.path() / (name + ending); };
  std::ofstream{file(".ext")} << "subjectAltName=" << wishes.alternative_names << '\n'
                              << wishes.extensions << '\n';
  openssl(std::vector<std::string>{"req", "-subj", "/CN=" + name, "-keyout", file(".key").string(),
                                   "-out", file(".csr").string()}
          + new_key);
  std::vector<std::string> sign{"ca",
                                "-batch",
                                "-notext",
                                "-config",
                                "ca.cnf",
                                "-in",
                                file(".csr").string(),
                                "-extfile",
                                file(".ext").string(),
                                "-out",
                                file(".pem").string()};
  if (!wishes.not_before.empty())
    sign = sign + std::vector<std::string>{"-startdate", wishes.not_before};
  if (!wishes.not_after.empty())
    sign = sign + std::vector<std::string>{"-enddate", wishes.not_after};
  openssl(sign);
  return {file(".pem"), file(".key")};
}

server_certificate certificate_authority::self_signed() const {
  openssl(std::vector<std::string>{"req", "-x509", "-days", "2", "-subj", "/CN=localhost",
                                   "-addext", "subjectAltName=DNS:localhost", "-keyout",
                                   "alone.key", "-out", "alone.pem"}
          + new_key);
  return {directory_.path() / "alone.pem", directory_.path() / "alone.key"};
}

std::filesystem::path certificate_authority::for_client(const std::string& name) const {
  const auto made = issue(name);
  auto both = directory_.path() / (name + ".both.pem");
  std::ofstream{both} << std::ifstream{made.certificate}.rdbuf() << std::ifstream{made.key}.rdbuf();
  return both;
}

void certificate_authority::openssl(const std::vector<std::string>& arguments) const {
  const auto log = directory_.path() / "openssl.log";
  const auto process
    = start_child(std::vector<std::string>{"/usr/bin/openssl"} + arguments, directory_.path(), log);
  int status = 0;
  if (::waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return;
  std::ostringstream words;
  words << "openssl failed: " << std::ifstream{log}.rdbuf();
  throw std::runtime_error(words.str());
}

} // namespace moor::test
