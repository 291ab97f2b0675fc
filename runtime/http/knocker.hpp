// Wakes a server that waits for visitors.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace moor::http {

/// Connects to a listener and goes away, every few milliseconds for as long as it lives. civetweb's
/// thread that waits for visitors looks whether it should stop when one comes, or else every two
/// seconds. It is of no consequence if nobody listens there.
class knocker {
public:
  /// `host` as in `listen`: a name, an IPv4 address, or an IPv6 address in brackets.
  knocker(const std::string& host, std::uint16_t port);
  ~knocker();
  knocker(const knocker&) = delete;
  knocker& operator=(const knocker&) = delete;

private:
  void knock(const std::string& host, std::uint16_t port) const;

  std::atomic<bool> enough_{false};
  std::thread thread_;
};

} // namespace moor::http
