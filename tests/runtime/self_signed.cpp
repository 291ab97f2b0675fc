#include "runtime/self_signed.hpp"

#include <atomic>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/pem.h>
#include <openssl/x509.h>

namespace moor::test {

namespace {

template <auto Function>
struct freed_by {
  template <class T>
  void operator()(T* one) const noexcept {
    Function(one);
  }
};

std::atomic<long> serials{0};

void require(bool condition) {
  if (!condition)
    throw std::runtime_error("OpenSSL makes no certificate");
}

} // namespace

void write_self_signed(const std::filesystem::path& file, const self_signed& how) {
  const std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>> key{
    how.rsa_bits != 0 ? EVP_RSA_gen(how.rsa_bits) : EVP_EC_gen("P-256")};
  const std::unique_ptr<X509, freed_by<X509_free>> made{X509_new()};
  require(key && made);
  auto* name = X509_get_subject_name(made.get());
  const auto* localhost = reinterpret_cast<const unsigned char*>("localhost");
  require(X509_set_version(made.get(), 2) == 1
          && ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serials) == 1
          && X509_gmtime_adj(X509_getm_notBefore(made.get()), how.valid_from.count()) != nullptr
          && X509_gmtime_adj(X509_getm_notAfter(made.get()), how.valid_until.count()) != nullptr
          && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, localhost, -1, -1, 0) == 1
          && X509_set_issuer_name(made.get(), name) == 1
          && X509_set_pubkey(made.get(), key.get()) == 1
          && X509_sign(made.get(), key.get(), EVP_sha256()) != 0);

  const std::unique_ptr<std::FILE, freed_by<std::fclose>> out{std::fopen(file.c_str(), "w")};
  const auto* cipher = how.passphrase.empty() ? nullptr : EVP_aes_128_cbc();
  const auto* secret = reinterpret_cast<const unsigned char*>(how.passphrase.data());
  require(out && PEM_write_X509(out.get(), made.get()) == 1
          && PEM_write_PrivateKey(out.get(), key.get(), cipher, secret,
                                  static_cast<int>(how.passphrase.size()), nullptr, nullptr)
               == 1);
}

} // namespace moor::test
