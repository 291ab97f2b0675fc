#include "moor/runtime/http/certificate.hpp"

#include <array>
#include <cstddef>
#include <ctime>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "moor/runtime/small_file.hpp"

namespace moor::http {

namespace {

/// A hundred times what a chain takes.
constexpr std::size_t most_bytes = 1'048'576;

struct free_bio {
  void operator()(BIO* one) const noexcept { BIO_free(one); }
};

/// What OpenSSL has to say stays with the thread otherwise, and looks like the failure of whatever
/// comes next.
class errors_forgotten {
public:
  errors_forgotten() = default;
  ~errors_forgotten() { ERR_clear_error(); }
  errors_forgotten(const errors_forgotten&) = delete;
  errors_forgotten& operator=(const errors_forgotten&) = delete;
};

/// A text in OpenSSL's hands, which reads on where it stopped; or what is wrong with its file.
struct pem_text {
  file_text file; // a secret: the key may be in it
  std::unique_ptr<BIO, free_bio> reader;
  std::string why;
};

/// Nobody is there to give a passphrase, and OpenSSL would ask the terminal for it.
int no_passphrase(char*, int, int, void*) noexcept {
  return -1;
}

pem_text open_pem(const std::string& path) {
  pem_text result{read_small_file(path, most_bytes), nullptr, {}};
  result.why = result.file.problem;
  const auto text = result.file.text.reveal();
  result.reader.reset(
    BIO_new_mem_buf(text.empty() ? "" : text.data(), static_cast<int>(text.size())));
  if (!result.reader && result.why.empty())
    result.why = "cannot be read: there is no memory";
  return result;
}

bool is_at_end() noexcept {
  const auto last = ERR_peek_last_error();
  return ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
}

/// Reads the certificate and those that follow it; what is wrong, or nothing.
std::string read_chain(const std::string& file, certificate& into) {
  const auto pem = open_pem(file);
  if (!pem.why.empty())
    return pem.why;
  const auto next
    = [&pem] { return PEM_read_bio_X509(pem.reader.get(), nullptr, &no_passphrase, nullptr); };
  into.leaf.reset(next());
  if (!into.leaf)
    return is_at_end() ? "holds no certificate in PEM form" : "holds a certificate that is damaged";
  into.chain.reset(sk_X509_new_null());
  while (auto* one = next())
    if (!into.chain || sk_X509_push(into.chain.get(), one) == 0) {
      X509_free(one);
      return "cannot be read: there is no memory";
    }
  return is_at_end() ? "" : "is damaged after the first certificate";
}

std::string read_key(const certificate_files& from, certificate& into) {
  const auto pem = open_pem(from.key_file());
  if (!pem.why.empty())
    return pem.why;
  into.key.reset(PEM_read_bio_PrivateKey(pem.reader.get(), nullptr, &no_passphrase, nullptr));
  if (into.key)
    return pem.file.exposed ? from.when_exposed : "";
  const auto text = pem.file.text.reveal();
  if (text.find("PRIVATE KEY-----") == text.npos)
    return "holds no private key in PEM form";
  return text.find("ENCRYPTED") != text.npos
           ? "holds an encrypted private key, for which nobody is there to give the passphrase"
           : "holds a private key that is damaged";
}

std::string in_words(const ASN1_TIME* when) {
  std::tm broken{};
  std::array<char, 32> text{};
  if (ASN1_TIME_to_tm(when, &broken) != 1)
    return "a day that cannot be read";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &broken)};
}

} // namespace

std::string wrong_age(const certificate& of) {
  const auto* begin = X509_get0_notBefore(of.leaf.get());
  const auto* end = X509_get0_notAfter(of.leaf.get());
  // Each is negative in the past, positive in the future, and 0 if it makes no sense.
  if (X509_cmp_current_time(begin) >= 0)
    return "is valid only from " + in_words(begin);
  return X509_cmp_current_time(end) <= 0 ? "expired on " + in_words(end) : "";
}

std::string end_of_validity(const certificate& of) {
  return in_words(X509_get0_notAfter(of.leaf.get()));
}

certificate_or_why read_certificate(const certificate_files& from) {
  const errors_forgotten at_end;
  auto made = std::make_shared<certificate>();
  if (const auto why = read_chain(from.certificate, *made); !why.empty())
    return "the certificate file " + from.certificate + ' ' + why;
  if (const auto why = read_key(from, *made); !why.empty())
    return "the key file " + from.key_file() + ' ' + why;
  if (X509_check_private_key(made->leaf.get(), made->key.get()) != 1)
    return "the private key in " + from.key_file() + " is not that of the first certificate in "
           + from.certificate;
  if (const auto why = wrong_age(*made); !why.empty())
    return "the certificate in " + from.certificate + ' ' + why;
  return std::shared_ptr<const certificate>{std::move(made)};
}

} // namespace moor::http
