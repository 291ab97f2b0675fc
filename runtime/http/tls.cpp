#include "moor/runtime/http/tls.hpp"

#include <cerrno>
#include <exception>
#include <stdexcept>
#include <utility>

#include <openssl/err.h>
#include <sys/stat.h>

#include "moor/actors/log_fields.hpp"

namespace moor::http {

namespace {

constexpr std::chrono::seconds look_interval{1};
/// Forward secrecy and authenticated encryption (RFC 9325, section 4.2); 1.3 has nothing else.
constexpr const char* ciphers_of_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";

renewal::file_mark mark_of(const std::string& file) {
  struct stat seen {};
  if (::stat(file.c_str(), &seen) != 0)
    return {-errno};
  return {static_cast<std::int64_t>(seen.st_dev), static_cast<std::int64_t>(seen.st_ino),
          static_cast<std::int64_t>(seen.st_size), static_cast<std::int64_t>(seen.st_mtim.tv_sec),
          static_cast<std::int64_t>(seen.st_mtim.tv_nsec)};
}

std::string last_error() {
  const auto* words = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return words != nullptr ? words : "no reason given";
}

} // namespace

std::variant<std::unique_ptr<tls>, std::string> tls::open(certificate_files from, logger log) {
  try {
    std::unique_ptr<tls> made{new tls{std::move(from), std::move(log)}};
    auto got = made->read();
    if (auto* why = std::get_if<std::string>(&got))
      return std::move(*why);
    made->current_ = std::get<std::shared_ptr<const certificate>>(std::move(got));
    return made;
  } catch (const std::runtime_error& wrong) {
    return wrong.what();
  }
}

tls::tls(certificate_files from, logger log)
  : files_{std::move(from)},
    log_{std::move(log)},
    context_{make_context()},
    looked_{clock::now()},
    renewal_{{mark_of(files_.certificate), mark_of(files_.key_file())}} {
  SSL_CTX_set_cert_cb(context_.get(), &show_certificate, this);
  SSL_CTX_set_app_data(context_.get(), this);
  SSL_CTX_set_info_callback(context_.get(), &tell_step);
}

tls::context_owner tls::make_context() {
  context_owner made{SSL_CTX_new(TLS_server_method())};
  if (!made || SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION) != 1
      || SSL_CTX_set_cipher_list(made.get(), ciphers_of_1_2) != 1
      || SSL_CTX_set_num_tickets(made.get(), 0) != 1)
    throw std::runtime_error("OpenSSL makes no context for TLS: " + last_error());
  SSL_CTX_set_options(made.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET
                                    | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Each visit is one request: resuming would spare little, and show nobody a new certificate.
  SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
  return made;
}

/// Called by OpenSSL in the middle of a handshake.
int tls::show_certificate(SSL* to, void* self) noexcept {
  try {
    const auto shown = static_cast<tls*>(self)->current();
    return SSL_use_cert_and_key(to, shown->leaf.get(), shown->key.get(), shown->chain.get(), 1);
  } catch (const std::exception&) {
    return 0; // no memory: this visitor is refused
  }
}

/// Called by OpenSSL for more than steps: also when it stops to wait.
void tls::tell_step(const SSL* of, int where, int) noexcept {
  const auto* self = static_cast<const tls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(of)));
  if ((where & (SSL_CB_LOOP | SSL_CB_HANDSHAKE_START)) != 0 && self->step_)
    self->step_(SSL_get_fd(of));
}

/// What the files hold, if OpenSSL would show it: it refuses keys that are too weak.
certificate_or_why tls::read() {
  auto got = read_certificate(files_);
  const auto* usable = std::get_if<std::shared_ptr<const certificate>>(&got);
  if (usable == nullptr)
    return got;
  const auto trial = make_context();
  const auto& one = **usable;
  if (SSL_CTX_use_cert_and_key(trial.get(), one.leaf.get(), one.key.get(), one.chain.get(), 1) != 1)
    return "the certificate in " + files_.certificate + " is refused by OpenSSL: " + last_error();
  return got;
}

std::shared_ptr<const certificate> tls::current() {
  // Who comes while another looks does not wait for the files.
  if (const std::unique_lock looks{looking_, std::try_to_lock}; looks)
    look();
  const std::lock_guard guard{mutex_};
  return current_;
}

void tls::look() {
  const auto now = clock::now();
  if (now - looked_ < look_interval)
    return;
  looked_ = now;
  // Taken before they are read: what is written meanwhile is another state of theirs.
  const renewal::marks found{mark_of(files_.certificate), mark_of(files_.key_file())};
  if (renewal_.is_due(found, now))
    renew(found);
  const auto why = wrong_age(*current_); // nobody else writes it
  if (!why.empty() && !std::exchange(told_of_age_, true))
    log_(log_level::error, "event=certificate_expired cause="
                             + actors::quoted("the certificate that was read from "
                                              + files_.certificate + ' ' + why));
}

void tls::renew(const renewal::marks& found) {
  certificate_or_why got;
  try {
    got = read();
  } catch (const std::exception& wrong) {
    got = wrong.what();
  }
  if (const auto* why = std::get_if<std::string>(&got)) {
    if (renewal_.failed(found, looked_, *why))
      log_(log_level::error, "event=certificate_not_renewed cause=" + actors::quoted(*why));
    return;
  }
  renewal_.succeeded(found);
  auto renewed = std::get<std::shared_ptr<const certificate>>(std::move(got));
  log_(log_level::info, "event=certificate_renewed file=" + actors::quoted(files_.certificate)
                          + " valid_until=" + actors::quoted(end_of_validity(*renewed)));
  told_of_age_ = false;
  const std::lock_guard guard{mutex_};
  current_ = std::move(renewed);
}

} // namespace moor::http
