#include "support/tls_peer.hpp"

#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <sys/wait.h>

#include "support/child_process.hpp"
#include "support/patience.hpp"

namespace moor::test {

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

/// Of "ACCEPT 127.0.0.1:PORT", once the whole line is there.
std::uint16_t announced_port(const std::string& log) {
  const std::string words = "ACCEPT 127.0.0.1:";
  const auto at = log.find(words);
  std::uint16_t port = 0;
  if (at != log.npos && log.find('\n', at) != log.npos)
    std::from_chars(log.data() + at + words.size(), log.data() + log.size(), port);
  return port;
}

} // namespace

// With -rev it answers lines and does not look at its standard input, the end of which would be its
// own.
tls_peer::tls_peer(const server_certificate& certificate, const std::vector<std::string>& options) {
  const auto log = directory_.path() / "peer.log";
  std::vector<std::string> command{"/usr/bin/openssl",
                                   "s_server",
                                   "-rev",
                                   "-accept",
                                   "127.0.0.1:0",
                                   "-cert",
                                   certificate.certificate.string(),
                                   "-key",
                                   certificate.key.string()};
  command.insert(command.end(), options.begin(), options.end());
  process_ = start_child(command, directory_.path(), log);
  const auto give_up = std::chrono::steady_clock::now() + forever;
  while ((port_ = announced_port(text_of(log))) == 0) {
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      throw std::runtime_error("openssl s_server ended: " + text_of(log));
    }
    if (std::chrono::steady_clock::now() > give_up) {
      end();
      throw std::runtime_error("openssl s_server does not listen: " + text_of(log));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

tls_peer::~tls_peer() {
  end();
}

void tls_peer::end() noexcept {
  if (process_ < 0)
    return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

} // namespace moor::test
