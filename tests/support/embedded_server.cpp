#include "support/embedded_server.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <variant>
#include <vector>

#include <poll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/library.hpp"
#include "support/child_process.hpp"

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
std::optional<std::uint16_t> announced_port(const std::string& log, std::size_t from) {
  const std::string words = "listening on 127.0.0.1:";
  const auto at = log.find(words, from);
  if (at == log.npos || log.find('\n', at) == log.npos)
    return std::nullopt;
  std::uint16_t port = 0;
  std::from_chars(log.data() + at + words.size(), log.data() + log.size(), port);
  return port;
}

std::vector<std::string> command_line(const server_options& options, std::uint16_t port,
                                      const std::filesystem::path& data) {
  std::vector<std::string> result{MOOR_SECANTUSD, "--port",         std::to_string(port),
                                  "--storage-path", data.string()};
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
  return result;
}

} // namespace

embedded_server::embedded_server(server_options options) : options_{std::move(options)} {
  start();
}

embedded_server::~embedded_server() {
  try {
    stop();
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
  const auto data = directory_.path() / "data";
  process_ = start_child(command_line(options_, port_, data), directory_.path(), log_file());
  try {
    wait_until_it_listens();
  } catch (...) {
    kill_now();
    throw;
  }
}

void embedded_server::wait_until_it_listens() {
  static constexpr auto pause_between_looks = 5ms;
  const auto old = static_cast<std::size_t>(port_ == 0 ? 0 : log_size_);
  for (const auto deadline = clock::now() + longest_start; clock::now() < deadline;) {
    if (const auto port = announced_port(text_of(log_file()), old)) {
      port_ = *port;
      return;
    }
    if (wait_for_end(pause_between_looks))
      throw std::runtime_error("the server ended before it listened: " + last_words());
  }
  throw std::runtime_error("the server did not listen in time: " + last_words());
}

} // namespace moor::test
