#include "moor/runtime/http/knocker.hpp"

#include <chrono>
#include <system_error>

#include <sys/socket.h>
#include <unistd.h>

#include "moor/runtime/http/address.hpp"
#include "moor/runtime/signal_parts.hpp"

namespace moor::http {

namespace {

constexpr std::chrono::milliseconds pause{10};

void knock_once(const addrinfo& at) noexcept {
  // Whoever listens completes the connection without being asked: there is nothing to wait for.
  const int socket = ::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return;
  static_cast<void>(::connect(socket, at.ai_addr, at.ai_addrlen));
  ::close(socket);
}

} // namespace

knocker::knocker(const std::string& host, std::uint16_t port) {
  const detail::blocked_signals for_its_thread{detail::all_signals()};
  try {
    thread_ = std::thread{[this, host, port] { knock(host, port); }};
  } catch (const std::system_error&) {
    // No thread is to be had: then the server takes its two seconds.
  }
}

knocker::~knocker() {
  enough_ = true;
  if (thread_.joinable())
    thread_.join();
}

void knocker::knock(const std::string& host, std::uint16_t port) const {
  const auto found = resolve(host, port);
  if (!found)
    return;
  for (; !enough_; std::this_thread::sleep_for(pause))
    knock_once(*found);
}

} // namespace moor::http
