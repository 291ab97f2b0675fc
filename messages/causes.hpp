// What kept a connection from being established, told apart finely enough to be counted and acted
// on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace moor {

/// The cause of a failure to establish. (docs/health.md, "Failures of TLS and authentication")
enum class failure_cause : std::uint8_t {
  other, ///< none of those below, or not known

  name_resolution, ///< the host name has no address, or the resolver did not answer
  dial_refused,    ///< nobody listens there
  dial_timeout,    ///< nobody accepted the connection in time
  dial_failed,     ///< no route, no such Unix socket, no descriptor left
  closed,          ///< closed or reset before the connection was established
  no_answer,       ///< accepted, but silent until the time was over
  interrupted,     ///< cut from this side
  not_mongodb,     ///< what answers does not speak MongoDB's protocol

  tls_unknown_authority,          ///< no trusted authority signed the server's certificate
  tls_self_signed,                ///< the server's certificate is signed by itself alone
  tls_host_name,                  ///< the server's certificate is for other hosts
  tls_expired,                    ///< the server's certificate, or one above it, has expired
  tls_not_yet_valid,              ///< the same is not valid yet
  tls_revoked,                    ///< the same was revoked, or its OCSP answer is of no use
  tls_certificate,                ///< the server's certificate is not acceptable otherwise
  tls_client_certificate_missing, ///< the server demands a certificate, and there is none to show
  tls_client_certificate_refused, ///< the server does not accept the client's certificate
  tls_not_spoken,                 ///< the server answers without TLS
  tls_demanded,                   ///< the server answers in TLS, and the client did not ask for it
  tls_protocol,                   ///< the two sides have no version or cipher of TLS in common
  tls_settings,                   ///< a file of the TLS options is of no use
  tls_handshake,                  ///< the handshake failed otherwise

  credentials,           ///< wrong password, unknown user, or wrong authSource
  mechanism_not_offered, ///< the server does not offer the mechanism of authentication
  mechanism_unsupported, ///< libmongoc does not know the mechanism
  authentication_error,  ///< authentication ended before the server judged the credentials

  hello_refused,      ///< the server answered the handshake with an error
  server_state,       ///< the server is shutting down or changes its state
  no_suitable_server, ///< servers answered, but none is suitable
};

constexpr std::size_t failure_causes
  = static_cast<std::size_t>(failure_cause::no_suitable_server) + 1;

/// The name as in metrics, `tls_expired` for instance.
std::string_view to_string(failure_cause cause) noexcept;

/// Whether it has to do with TLS.
bool is_tls(failure_cause cause) noexcept;

/// Whether it has to do with credentials.
bool is_of_authentication(failure_cause cause) noexcept;

/// Whether trying again with the same settings cannot help until somebody mends them, or the
/// server's: certificates, credentials, protocols.
bool is_lasting(failure_cause cause) noexcept;

} // namespace moor
