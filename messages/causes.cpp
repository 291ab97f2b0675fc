#include "moor/messages/causes.hpp"

#include <algorithm>
#include <array>

namespace moor {

namespace {

struct row {
  failure_cause cause;
  std::string_view name;
  bool lasting;
};

using enum failure_cause;

constexpr std::array rows{
  row{other, "other", false},
  row{name_resolution, "name_resolution", false},
  row{dial_refused, "dial_refused", false},
  row{dial_timeout, "dial_timeout", false},
  row{dial_failed, "dial_failed", false},
  row{closed, "closed", false},
  row{no_answer, "no_answer", false},
  row{interrupted, "interrupted", false},
  row{not_mongodb, "not_mongodb", false},
  row{tls_unknown_authority, "tls_unknown_authority", true},
  row{tls_self_signed, "tls_self_signed", true},
  row{tls_host_name, "tls_host_name", true},
  row{tls_expired, "tls_expired", true},
  row{tls_not_yet_valid, "tls_not_yet_valid", true},
  row{tls_revoked, "tls_revoked", true},
  row{tls_certificate, "tls_certificate", true},
  row{tls_client_certificate_missing, "tls_client_certificate_missing", true},
  row{tls_client_certificate_refused, "tls_client_certificate_refused", true},
  row{tls_not_spoken, "tls_not_spoken", true},
  row{tls_demanded, "tls_demanded", true},
  row{tls_protocol, "tls_protocol", true},
  row{tls_settings, "tls_settings", true},
  row{tls_handshake, "tls_handshake", false},
  row{credentials, "credentials", true},
  row{mechanism_not_offered, "mechanism_not_offered", true},
  row{mechanism_unsupported, "mechanism_unsupported", true},
  row{authentication_error, "authentication_error", false},
  row{hello_refused, "hello_refused", false},
  row{server_state, "server_state", false},
  row{no_suitable_server, "no_suitable_server", false},
};

static_assert(rows.size() == failure_causes && std::ranges::is_sorted(rows, {}, &row::cause));

const row& find(failure_cause cause) noexcept {
  const auto index = static_cast<std::size_t>(cause);
  return index < rows.size() ? rows[index] : rows.front();
}

} // namespace

std::string_view to_string(failure_cause cause) noexcept {
  return find(cause).name;
}

bool is_tls(failure_cause cause) noexcept {
  return cause >= tls_unknown_authority && cause <= tls_handshake;
}

bool is_of_authentication(failure_cause cause) noexcept {
  return cause >= credentials && cause <= authentication_error;
}

bool is_lasting(failure_cause cause) noexcept {
  return find(cause).lasting;
}

} // namespace moor
