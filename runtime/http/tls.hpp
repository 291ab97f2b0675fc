// TLS of the HTTP endpoint: how it is spoken, and with which certificate.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include <openssl/ssl.h>

#include "moor/messages/log.hpp"
#include "moor/runtime/http/certificate.hpp"
#include "moor/runtime/http/renewal.hpp"

namespace moor::http {

/// A server's side: TLS 1.2 with forward secrecy and authenticated ciphers, or 1.3; no
/// renegotiation, no resumption, no compression. Any thread.
///
/// A visitor gets the certificate that the files hold: they are looked at when one comes, once a
/// second at most. Files that changed and cannot be used are told in the log and tried again (see
/// `renewal`), and the certificate of before is shown on.
class tls {
public:
  /// What this can be made of, or the sentence of `read_certificate`. Blocks on the files.
  static std::variant<std::unique_ptr<tls>, std::string> open(certificate_files from, logger log);

  tls(const tls&) = delete;
  tls& operator=(const tls&) = delete;
  ~tls() = default;

  /// Has that called whenever a handshake begins or goes on, with the visitor's socket. To be said
  /// before the first visitor comes.
  void on_step(std::function<void(int socket)> tell) { step_ = std::move(tell); }

  /// To be used no longer than this lives.
  SSL_CTX* context() const noexcept { return context_.get(); }

private:
  using clock = std::chrono::steady_clock;
  struct free_context {
    void operator()(SSL_CTX* one) const noexcept { SSL_CTX_free(one); }
  };
  using context_owner = std::unique_ptr<SSL_CTX, free_context>;

  tls(certificate_files from, logger log);

  static context_owner make_context();
  static int show_certificate(SSL* to, void* self) noexcept;
  static void tell_step(const SSL* of, int where, int) noexcept;
  certificate_or_why read();
  std::shared_ptr<const certificate> current();
  void look();
  void renew(const renewal::marks& found);

  const certificate_files files_;
  const logger log_;
  const context_owner context_;
  std::function<void(int)> step_;

  std::mutex looking_; // guards the next three
  clock::time_point looked_;
  renewal renewal_;
  bool told_of_age_ = false;

  std::mutex mutex_;
  std::shared_ptr<const certificate> current_; // guarded by mutex_
};

} // namespace moor::http
