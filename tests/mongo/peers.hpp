// The other ends of connections, for tests that need no server.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "moor/mongo/resolve.hpp"
#include "moor/mongo/socket.hpp"
#include "moor/mongo/stream.hpp"
#include "moor/mongo/wire.hpp"
#include "support/descriptor.hpp"
#include "support/patience.hpp"

namespace moor::test {

/// Listens on a free port of 127.0.0.1.
class listener {
public:
  explicit listener(int backlog = 16) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_.get(), generic, size) != 0 || ::listen(socket_.get(), backlog) != 0
        || ::getsockname(socket_.get(), generic, &size) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot listen");
    port_ = ntohs(address.sin_port);
  }

  std::uint16_t port() const noexcept { return port_; }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  mongo::endpoint endpoint() const {
    const mongo::wire line;
    return std::get<std::vector<mongo::endpoint>>(
             mongo::resolve("127.0.0.1", port_, AF_INET, line, mongo::wire::clock::now()))
      .front();
  }

  /// The next connection; waits for it. Throws std::system_error once the listener was stopped.
  descriptor accept() const { return descriptor{::accept(socket_.get(), nullptr, nullptr)}; }

  /// From any thread.
  void stop() const { ::shutdown(socket_.get(), SHUT_RDWR); }

private:
  descriptor socket_;
  std::uint16_t port_ = 0;
};

/// Does not answer those who dial it, as if it were no machine at all: its queue is full.
class black_hole : public listener {
public:
  black_hole() : listener{0}, filler_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const auto to = endpoint();
    if (::connect(filler_.get(), reinterpret_cast<const sockaddr*>(&to.address), to.length) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot fill the queue");
  }

private:
  descriptor filler_;
};

/// An address at which nobody listens.
inline mongo::endpoint closed_port() {
  return listener{}.endpoint();
}

inline std::unique_ptr<mongo::socket> dial(std::shared_ptr<mongo::wire> line,
                                           std::vector<mongo::endpoint> to,
                                           std::chrono::milliseconds limit) {
  auto result = std::make_unique<mongo::socket>(std::move(line), "peer", std::move(to),
                                                mongo::wire::clock::now() + limit);
  result->dial_next();
  return result;
}

/// What mongoc_stream_poll reports for one stream.
inline int poll_one(mongoc_stream_t* stream, int events, std::chrono::milliseconds limit) {
  mongoc_stream_poll_t entry{stream, events, 0};
  return mongoc_stream_poll(&entry, 1, static_cast<std::int32_t>(limit.count())) > 0 ? entry.revents
                                                                                     : 0;
}

/// A stream connected to `to`.
inline mongo::stream_owner connect(const std::shared_ptr<mongo::wire>& line, const listener& to) {
  auto result = mongo::make_stream(dial(line, {to.endpoint()}, forever));
  if (poll_one(result.get(), POLLOUT, forever) != POLLOUT)
    throw std::runtime_error("cannot connect to a local listener: " + line->trouble().text);
  return result;
}

} // namespace moor::test
