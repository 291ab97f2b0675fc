#include "moor/mongo/tls_watch.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>
#include <utility>

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace moor::mongo {

namespace {

/// What one TLS connection is watched by; owned by OpenSSL's object for it.
struct watcher {
  std::shared_ptr<wire> line;
  tls_peer peer;
  bool asked_for_certificate = false;
  bool ended = false; // the handshake, one way or the other
};

// OpenSSL calls back while libmongoc makes an object, on the same thread.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): the callback has no other way
thread_local SSL* made_last = nullptr;

void on_new(void* made, void*, CRYPTO_EX_DATA*, int, long, void*) noexcept {
  made_last = static_cast<SSL*>(made);
}

void on_free(void*, void* ours, CRYPTO_EX_DATA*, int, long, void*) noexcept {
  delete static_cast<watcher*>(ours);
}

/// Our place in each of OpenSSL's objects of this process; -1 if there is none.
int place() noexcept {
  static const int index
    = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, on_new, nullptr, on_free);
  return index;
}

std::optional<std::int64_t> expiry_of(const SSL* ssl) noexcept {
  const auto* certificate = SSL_get0_peer_certificate(ssl);
  std::tm when{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when) != 1)
    return std::nullopt;
  return static_cast<std::int64_t>(timegm(&when));
}

void note(watcher& w, failure_cause cause, std::string_view detail) {
  std::string text = w.peer.noted_as + ": " + std::string{words_for_tls(cause)};
  if (!detail.empty())
    text += " (" + std::string{detail} + ")";
  w.line->steps().end(establish_step::tls, w.peer.address, false);
  w.line->note(io_fault::closed, w.peer.noted_as, std::move(text), cause);
}

/// The high byte of `value` is the alert's level, the low one what it says.
void on_alert(watcher& w, const SSL* ssl, bool from_server, int value) {
  const auto alert = value & 0xff;
  if (alert == SSL_AD_CLOSE_NOTIFY || alert == SSL_AD_USER_CANCELLED
      || (value >> 8) != SSL3_AL_FATAL)
    return;
  const std::string_view name = alert == TLS13_AD_CERTIFICATE_REQUIRED // OpenSSL 3.0 has no word
                                  ? "certificate required"
                                  : SSL_alert_desc_string_long(value);
  if (from_server)
    return note(w, cause_of_alert(alert, w.asked_for_certificate, w.peer.has_certificate),
                "the server's alert: " + std::string{name});
  if (const auto code = SSL_get_verify_result(ssl); code != X509_V_OK)
    return note(w, cause_of_verification(code), X509_verify_cert_error_string(code));
  // The server chose what is too old to be used here, for which OpenSSL has no alert of its own.
  const bool outdated = alert == SSL_AD_PROTOCOL_VERSION || SSL_version(ssl) < TLS1_2_VERSION;
  note(w, outdated ? failure_cause::tls_protocol : failure_cause::tls_handshake, name);
}

void on_event(watcher& w, const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_ALERT) != 0)
    return on_alert(w, ssl, (where & SSL_CB_READ) != 0, value);
  if ((where & SSL_CB_HANDSHAKE_DONE) == 0 || std::exchange(w.ended, true))
    return; // later ones bring keys and tickets
  w.line->note_tls(
    {w.peer.address, SSL_get_version(ssl), SSL_get_cipher_name(ssl), expiry_of(ssl)});
  w.line->steps().end(establish_step::tls, w.peer.address, true);
  w.line->steps().begin(establish_step::hello, w.peer.address);
}

watcher* watcher_of(const SSL* ssl) noexcept {
  return static_cast<watcher*>(SSL_get_ex_data(ssl, place()));
}

void on_info(const SSL* ssl, int where, int value) noexcept {
  if (auto* w = watcher_of(ssl))
    on_event(*w, ssl, where, value);
}

/// The server asks for the client's certificate, and gets what there is.
int on_asked(SSL* ssl, void*) noexcept {
  if (auto* w = watcher_of(ssl))
    w->asked_for_certificate = true;
  return 1;
}

constexpr std::array alerts_on_certificate{
  SSL_AD_BAD_CERTIFICATE,     SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
  SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN,     SSL_AD_UNKNOWN_CA,
  SSL_AD_ACCESS_DENIED,       SSL_AD_DECRYPT_ERROR,
};

} // namespace

stream_owner make_watched_tls(const std::function<stream_owner()>& make, std::shared_ptr<wire> line,
                              tls_peer peer) {
  if (place() < 0)
    return make();
  made_last = nullptr;
  auto result = make();
  auto* const ssl = std::exchange(made_last, nullptr);
  if (!result || ssl == nullptr)
    return result;
  auto w = std::make_unique<watcher>(watcher{std::move(line), std::move(peer)});
  if (SSL_set_ex_data(ssl, place(), w.get()) == 1)
    static_cast<void>(w.release());
  SSL_set_info_callback(ssl, on_info);
  SSL_set_cert_cb(ssl, on_asked, nullptr);
  return result;
}

failure_cause cause_of_verification(long code) noexcept {
  switch (code) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED: return failure_cause::tls_unknown_authority;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return failure_cause::tls_self_signed;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return failure_cause::tls_host_name;
    case X509_V_ERR_CERT_HAS_EXPIRED: return failure_cause::tls_expired;
    case X509_V_ERR_CERT_NOT_YET_VALID: return failure_cause::tls_not_yet_valid;
    case X509_V_ERR_CERT_REVOKED: return failure_cause::tls_revoked;
    default: return failure_cause::tls_certificate;
  }
}

// TLS 1.3 has an alert of its own for a certificate that is missing; before, servers sent the
// general one.
failure_cause cause_of_alert(int alert, bool asked_for_certificate, bool has_certificate) noexcept {
  if (alert == SSL_AD_PROTOCOL_VERSION || alert == SSL_AD_INSUFFICIENT_SECURITY)
    return failure_cause::tls_protocol;
  if (alert == TLS13_AD_CERTIFICATE_REQUIRED)
    return failure_cause::tls_client_certificate_missing;
  const bool on_certificate
    = std::ranges::find(alerts_on_certificate, alert) != alerts_on_certificate.end();
  if (asked_for_certificate && !has_certificate
      && (on_certificate || alert == SSL_AD_HANDSHAKE_FAILURE))
    return failure_cause::tls_client_certificate_missing;
  if (on_certificate && has_certificate)
    return failure_cause::tls_client_certificate_refused;
  // The server found nothing in the client's offer that it could use.
  if (alert == SSL_AD_HANDSHAKE_FAILURE && !asked_for_certificate)
    return failure_cause::tls_protocol;
  return failure_cause::tls_handshake;
}

std::string_view words_for_tls(failure_cause cause) noexcept {
  switch (cause) {
    case failure_cause::tls_unknown_authority:
      return "the server's certificate is not signed by an authority that is trusted here";
    case failure_cause::tls_self_signed:
      return "the server's certificate is signed by itself and not trusted here";
    case failure_cause::tls_host_name: return "the server's certificate is for another host name";
    case failure_cause::tls_expired: return "the server's certificate has expired";
    case failure_cause::tls_not_yet_valid: return "the server's certificate is not valid yet";
    case failure_cause::tls_revoked:
      return "the server's certificate was revoked, or it cannot be known that it was not";
    case failure_cause::tls_certificate: return "the server's certificate is not acceptable";
    case failure_cause::tls_client_certificate_missing:
      return "the server demands a client certificate, and none is configured";
    case failure_cause::tls_client_certificate_refused:
      return "the server does not accept the client certificate";
    case failure_cause::tls_not_spoken: return "the server answers without TLS";
    case failure_cause::tls_demanded: return "the server answers in TLS";
    case failure_cause::tls_protocol:
      return "client and server have no version of TLS, or no cipher, in common";
    case failure_cause::tls_settings: return "TLS cannot be set up";
    default: return "the TLS handshake failed";
  }
}

} // namespace moor::mongo
