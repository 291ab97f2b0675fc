// The other side of a TLS handshake, for handshakes that the embedded server cannot be had for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/embedded_server.hpp"
#include "support/scratch_directory.hpp"

namespace moor::test {

/// `openssl s_server` on a free port of 127.0.0.1. It ends with this object. Throws
/// `std::runtime_error` with the program's words if it does not listen.
class tls_peer {
public:
  /// `options`: of s_server, "-tls1_2" for instance.
  tls_peer(const server_certificate& certificate, const std::vector<std::string>& options);
  ~tls_peer();
  tls_peer(const tls_peer&) = delete;
  tls_peer& operator=(const tls_peer&) = delete;

  std::uint16_t port() const noexcept { return port_; }

private:
  void end() noexcept;

  scratch_directory directory_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

} // namespace moor::test
