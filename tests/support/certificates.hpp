// Certificates for tests, made by the openssl program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/embedded_server.hpp"
#include "support/scratch_directory.hpp"

namespace moor::test {

/// What a certificate says.
struct certificate_wishes {
  /// As in openssl's configuration: whom it is for.
  std::string alternative_names = "DNS:localhost";
  /// As `openssl ca` takes them, "20200101000000Z" for instance; empty: from now, for two days.
  std::string not_before = {};
  std::string not_after = {};
  /// Lines more of extensions.
  std::string extensions = {};
};

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

  /// A certificate that says what is wished. `name` is for files and its common name.
  server_certificate issue(const std::string& name, const certificate_wishes& wishes) const;

  /// A certificate for localhost that no authority signed.
  server_certificate self_signed() const;

  /// Certificate and key in one file, as clients take them.
  std::filesystem::path for_client(const std::string& name) const;

private:
  /// What `openssl ca` wants to find.
  void open_books() const;
  void openssl(const std::vector<std::string>& arguments) const;

  scratch_directory directory_;
};

} // namespace moor::test
