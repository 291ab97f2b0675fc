// The certificate that the HTTP endpoint shows, and its private key, from PEM files.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace moor::http {

struct certificate_files {
  std::string certificate;
  std::string key; ///< empty = in the certificate's file
  /// What is wrong with a key that everybody on this machine may read; empty = nothing.
  std::string when_exposed = {};

  const std::string& key_file() const noexcept { return key.empty() ? certificate : key; }
};

struct free_certificate {
  void operator()(X509* one) const noexcept { X509_free(one); }
  void operator()(STACK_OF(X509) * chain) const noexcept { sk_X509_pop_free(chain, X509_free); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

struct certificate {
  std::unique_ptr<X509, free_certificate> leaf;
  std::unique_ptr<STACK_OF(X509), free_certificate> chain; ///< what its file holds after it
  std::unique_ptr<EVP_PKEY, free_certificate> key;         ///< a secret
};

using certificate_or_why = std::variant<std::shared_ptr<const certificate>, std::string>;

/// A certificate that is valid today, with the key that belongs to it; or a sentence that names the
/// file to blame and says why, free of what the file holds. Blocks on the files. Any thread.
certificate_or_why read_certificate(const certificate_files& from);

/// Why clients will refuse it today: "expired on 2026-11-26 10:00:00 UTC"; empty if they will not
/// for its age.
std::string wrong_age(const certificate& of);

/// "2026-11-26 10:00:00 UTC".
std::string end_of_validity(const certificate& of);

} // namespace moor::http
