#include "support/embedded_server.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/child_process.hpp"
#include "support/plain_client.hpp"

namespace moor::test {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto longest_start = 60s;
constexpr auto patience = 3s;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The port in "… listening on 127.0.0.1:PORT", once the whole line is there.
std::optional<std::uint16_t> announced_port(const std::string& log) {
  const std::string words = "listening on 127.0.0.1:";
  const auto at = log.find(words);
  if (at == log.npos || log.find('\n', at) == log.npos)
    return std::nullopt;
  std::uint16_t port = 0;
  std::from_chars(log.data() + at + words.size(), log.data() + log.size(), port);
  return port;
}

std::vector<std::string> command_line(const server_options& options, std::uint16_t port,
                                      const std::filesystem::path& data) {
  std::vector<std::string> result{MOOR_SECANTUSD, "--port", std::to_string(port), "--storage-path",
                                  data.string()};
  if (options.test_commands)
    result.push_back("--enable-test-commands");
  if (options.authentication)
    result.push_back("--auth");
  if (options.standalone)
    result.push_back("--standalone");
  if (options.tls) {
    result.insert(result.end(), {"--tls-cert-file", options.tls->certificate.string(),
                                 "--tls-key-file", options.tls->key.string()});
  }
  if (options.client_authorities)
    result.insert(result.end(), {"--tls-ca-file", options.client_authorities->string(),
                                 "--tls-require-client-cert"});
  return result;
}

} // namespace

embedded_server::embedded_server(server_options options) : options_{std::move(options)} {
  start();
}

// An orderly end takes seconds, and its data goes with the directory anyway.
embedded_server::~embedded_server() {
  try {
    kill_now();
  } catch (const std::exception&) { // nothing is left that could be done
  }
}

std::string embedded_server::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

std::string embedded_server::uri(std::string_view options) const {
  return "mongodb://" + address() + "/" + std::string{options};
}

std::filesystem::path embedded_server::log_file() const {
  return directory_.path() / "server.log";
}

std::string embedded_server::last_words() const {
  const auto log = text_of(log_file());
  constexpr std::size_t most = 2000;
  return log.size() <= most ? log : "…" + log.substr(log.size() - most);
}

void embedded_server::start() {
  std::filesystem::remove(log_file());
  process_ = start_child(command_line(options_, port_, directory_.path() / "data"),
                         directory_.path(), log_file());
  try {
    wait_until_it_listens();
    if (!options_.client_authorities) // then it would not get in
      ping(); // it loses a SIGTERM that comes right after its very first connection
  } catch (...) {
    kill_now();
    throw;
  }
}

void embedded_server::wait_until_it_listens() {
  const auto deadline = clock::now() + longest_start;
  while (clock::now() < deadline) {
    if (const auto port = announced_port(text_of(log_file()))) {
      port_ = *port;
      return;
    }
    if (wait_for_end(5ms))
      throw std::runtime_error("the server ended before it listened: " + last_words());
  }
  throw std::runtime_error("the server did not listen in time: " + last_words());
}

void embedded_server::ping() const {
  const auto options = options_.tls ? "?tls=true&tlsInsecure=true" : "";
  run_plain(uri(options), "admin", R"({"ping": 1})");
}

std::string embedded_server::run(const std::string& database, std::string_view command) const {
  return run_plain(uri(), database, command);
}

void embedded_server::signal(int number) noexcept {
  if (process_ > 0)
    ::kill(process_, number);
}

/// True, and the process is reaped, if it ended within the limit or there is none.
bool embedded_server::wait_for_end(std::chrono::milliseconds limit) {
  if (process_ <= 0)
    return true;
  // By its number: glibc 2.36 declares the function without C linkage.
  pollfd ended{static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)), POLLIN, 0};
  if (ended.fd < 0)
    throw std::system_error(errno, std::generic_category(), "cannot watch the server");
  const auto ready = ::poll(&ended, 1, static_cast<int>(limit.count()));
  ::close(ended.fd);
  if (ready <= 0)
    return false;
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  return true;
}

void embedded_server::kill_now() {
  signal(SIGKILL);
  if (!wait_for_end(longest_start))
    throw std::runtime_error("the server cannot be killed");
}

void embedded_server::pause() {
  signal(SIGSTOP);
  // The signal is sent, but its threads may still be about to answer somebody. A process that ended
  // meanwhile is left for `wait_for_end`.
  siginfo_t ignored{};
  if (process_ > 0)
    ::waitid(P_PID, static_cast<id_t>(process_), &ignored, WSTOPPED | WEXITED | WNOWAIT);
}

void embedded_server::resume() {
  signal(SIGCONT);
}

void embedded_server::stop() {
  resume();
  for (int attempt = 0; attempt < 2; ++attempt) {
    signal(SIGTERM);
    if (wait_for_end(patience))
      return;
  }
  kill_now();
}

void embedded_server::restart() {
  stop();
  start();
}

void embedded_server::restart(server_options options) {
  stop();
  options_ = std::move(options);
  start();
}

} // namespace moor::test
