#include "support/loopback.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include "moor/mongo/poll_timeout.hpp"

namespace moor::test {

sockaddr_in loopback(std::uint16_t port) noexcept {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return result;
}

descriptor make_socket() {
  return descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}

descriptor bound_socket(std::uint16_t port) {
  auto result = make_socket();
  const auto address = loopback(port);
  const int yes = 1;
  if (::setsockopt(result.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
      || ::bind(result.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot bind a port");
  return result;
}

descriptor listening_socket(std::uint16_t port) {
  auto result = bound_socket(port);
  if (::listen(result.get(), SOMAXCONN) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot listen");
  return result;
}

std::uint16_t port_of(const descriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::system_error(errno, std::generic_category(), "a socket does not know its port");
  return ntohs(address.sin_port);
}

descriptor accept_from(const descriptor& listener) {
  return descriptor{::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
}

void send_at_once(const descriptor& socket) noexcept {
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void close_by_reset(const descriptor& socket) noexcept {
  const linger at_once{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool passing_trouble() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

void poll_until(std::chrono::steady_clock::time_point when, std::vector<pollfd>& entries) noexcept {
  if (::poll(entries.data(), entries.size(), mongo::poll_timeout(when)) < 0)
    for (auto& entry : entries)
      entry.revents = 0;
}

} // namespace moor::test
