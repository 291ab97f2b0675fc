#include "moor/ctl/failure_advice.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "moor/ctl/format.hpp"

namespace moor::ctl {

namespace {

const char* text_on(failure_cause cause) noexcept {
  switch (cause) {
    using enum failure_cause;
    case name_resolution: return "Check the host name, and this machine's resolver.";
    case dial_refused: return "Nobody listens there: check that the server runs, and its port.";
    case dial_timeout: return "Nobody answers there: check the address, and firewalls on the way.";
    case dial_failed: return "Check the address, and this machine's routes.";
    case no_answer:
      return "Somebody listens there and says nothing: check what it is, or raise connect-timeout.";
    case not_mongodb: return "Check the port: another program listens there.";
    case tls_unknown_authority:
    case tls_self_signed:
      return "If the certificate is the right one, name its authority by tlsCAFile in the "
             "connection string.";
    case tls_host_name:
      return "Connect under a name that the server's certificate is for, or have one made for this "
             "name.";
    case tls_expired: return "The server's certificate must be renewed.";
    case tls_not_yet_valid: return "Check the clocks of both machines, and the certificate.";
    case tls_revoked:
    case tls_certificate: return "The server's certificate must be replaced.";
    case tls_protocol: return "One side must permit a newer version of TLS, or another cipher.";
    case tls_handshake: return "Check that the server uses TLS at this port.";
    case tls_client_certificate_missing:
    case tls_client_certificate_refused:
      return "Name a certificate that the server trusts by tlsCertificateKeyFile in the connection "
             "string.";
    case tls_not_spoken:
      return "Have the server use TLS, or take tls=true out of the connection string.";
    case tls_demanded: return "Add tls=true to the connection string.";
    case tls_settings: return "Check the files that the connection string's TLS options name.";
    case credentials: return "Check user, password and authSource.";
    case mechanism_not_offered:
    case mechanism_unsupported: return "Check authMechanism in the connection string.";
    case server_state: return "Try again when the server has settled.";
    case no_suitable_server:
      return "Check replicaSet and the members of the set: one must be a primary.";
    default: return nullptr;
  }
}

/// What may have kept a step.
std::string text_on_step(std::string_view name) {
  if (name == "resolve")
    return "check the host name, and this machine's resolver";
  if (name == "dial")
    return "check the address, and firewalls on the way";
  if (name == "tls" || name == "hello")
    return "check what listens there";
  return "check how busy the server is";
}

} // namespace

advice advice_on_limit(const settings& with, const probe_result& seen) {
  const auto* at = last_step(seen);
  const auto what = text_on_step(at == nullptr ? "resolve" : at->name);
  const bool is_short = *seen.limit < with.connect_timeout;
  return {"check-timeout", true,
          "Raise --timeout"
            + (is_short ? ", which is shorter than connect-timeout ("
                            + for_people(with.connect_timeout) + ")"
                        : std::string{})
            + ", or " + what + "."};
}

std::optional<advice> advice_on(failure_cause cause) {
  const char* text = text_on(cause);
  if (text == nullptr)
    return std::nullopt;
  auto id = std::string{to_string(cause)};
  std::ranges::replace(id, '_', '-');
  return advice{std::move(id), true, text};
}

} // namespace moor::ctl
