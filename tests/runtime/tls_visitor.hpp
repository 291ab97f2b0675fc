// Visitors of the HTTP endpoint who speak TLS.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "runtime/endpoint_rig.hpp"

namespace moor::test {

struct tls_manner {
  std::filesystem::path trusted = {}; ///< file of an authority; empty = whoever answers
  std::string host = "localhost";     ///< whose certificate it must be, if an authority is trusted
  int least = TLS1_2_VERSION;
  int most = TLS1_3_VERSION;
  std::string ciphers = "DEFAULT"; ///< of TLS 1.2 and before
  int family = AF_INET;
};

/// A visitor as any other from the handshake on, which is over when one is made. Throws
/// `std::runtime_error` with OpenSSL's words if the handshake fails.
class tls_visitor {
public:
  tls_visitor(std::uint16_t port, const tls_manner& manner);

  /// Whether all of it was taken.
  bool send(std::string_view text) const;
  /// What comes until `mark` did, or the end.
  std::string read_until(std::string_view mark = {}) const;

  /// "TLSv1.3".
  std::string version() const { return SSL_get_version(connection_.get()); }
  /// The serial number of the server's certificate.
  std::string serial() const;
  /// Sends past TLS.
  bool send_plain(std::string_view text) const;

private:
  struct freed {
    void operator()(SSL_CTX* one) const noexcept { SSL_CTX_free(one); }
    void operator()(SSL* one) const noexcept { SSL_free(one); }
  };

  descriptor socket_;
  std::unique_ptr<SSL_CTX, freed> context_;
  std::unique_ptr<SSL, freed> connection_;
};

/// Why the handshake of such a visitor fails; empty if it does not.
std::string refusal_of(std::uint16_t port, const tls_manner& manner);

/// The answer to a GET over TLS.
reply get_secured(std::uint16_t port, const tls_manner& manner, const std::string& path,
                  const std::string& headers = "Host: localhost\r\n");

} // namespace moor::test
