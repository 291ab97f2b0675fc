// Certificates that no authority would sign: too old, too young, too weak.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace moor::test {

/// How a certificate for localhost is made; the times count from now.
struct self_signed {
  std::chrono::seconds valid_from = std::chrono::hours{-1};
  std::chrono::seconds valid_until = std::chrono::hours{24};
  unsigned rsa_bits = 0;       ///< 0 = an elliptic curve's key
  std::string passphrase = {}; ///< of the key
};

/// Writes certificate and key into one PEM file, each with a serial number of its
/// own. Throws `std::runtime_error` if OpenSSL will not.
void write_self_signed(const std::filesystem::path& file, const self_signed& how);

} // namespace moor::test
