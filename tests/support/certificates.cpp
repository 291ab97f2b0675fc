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
}

std::filesystem::path certificate_authority::file() const {
  return directory_.path() / "ca.pem";
}

server_certificate certificate_authority::issue(const std::string& host) const {
  const auto file = [&](const char* ending) { return directory_.path() / (host + ending); };
  std::ofstream{file(".ext")} << "subjectAltName=DNS:" << host << '\n';
  openssl(std::vector<std::string>{"req", "-subj", "/CN=" + host, "-keyout", file(".key").string(),
                                   "-out", file(".csr").string()}
          + new_key);
  openssl({"x509", "-req", "-days", "2", "-in", file(".csr").string(), "-CA", "ca.pem", "-CAkey",
           "ca.key", "-CAcreateserial", "-extfile", file(".ext").string(), "-out",
           file(".pem").string()});
  return {file(".pem"), file(".key")};
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
