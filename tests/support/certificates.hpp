// Certificates for tests, made by the openssl program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/embedded_server.hpp"
#include "support/scratch_directory.hpp"

namespace moor::test {

/// A certificate authority of its own; its files end with it. Throws `std::runtime_error` with
/// openssl's words if one cannot be made.
class certificate_authority {
public:
  certificate_authority();
  /// An intermediate one of that name, itself signed by `above`.
  certificate_authority(const certificate_authority& above, const std::string& name);

  /// The certificate that clients are to trust, as a PEM file.
  std::filesystem::path file() const;

  /// A certificate for a server of that DNS name, signed by this authority.
  server_certificate issue(const std::string& host) const;

private:
  void openssl(const std::vector<std::string>& arguments) const;

  scratch_directory directory_;
};

} // namespace moor::test
