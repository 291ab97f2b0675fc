// Exceptions from what the production profile demands of a connection, each by its name.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace moor {

/// What may be although the production profile refuses it. (docs/configuration.md, "Policy")
enum class allowance : std::uint8_t {
  no_tls,                         ///< no TLS to a host that is not this machine
  tls_insecure,                   ///< `tlsInsecure`
  tls_allow_invalid_certificates, ///< `tlsAllowInvalidCertificates`
  tls_allow_invalid_hostnames,    ///< `tlsAllowInvalidHostnames`
  no_credentials,                 ///< nobody to log in as
  world_readable_secrets,         ///< a secret in a file that everybody may read
  pool_above_server_limit,        ///< more connections than the server takes in all
  zero_timeouts,                  ///< a timeout of 0, which is then the longest there is
  http_no_credentials, ///< an HTTP endpoint that serves other machines without a password
  http_no_tls,         ///< an HTTP endpoint that serves other machines without TLS
};

/// All of them, in order.
inline constexpr std::array all_allowances{
  allowance::no_tls,
  allowance::tls_insecure,
  allowance::tls_allow_invalid_certificates,
  allowance::tls_allow_invalid_hostnames,
  allowance::no_credentials,
  allowance::world_readable_secrets,
  allowance::pool_above_server_limit,
  allowance::zero_timeouts,
  allowance::http_no_credentials,
  allowance::http_no_tls,
};

/// "no-tls", "tls-insecure", …
std::string_view to_string(allowance what) noexcept;

/// A set of them; empty unless filled.
class allowances {
public:
  constexpr allowances() = default;
  constexpr allowances(std::initializer_list<allowance> all) {
    for (const auto one : all)
      add(one);
  }

  constexpr bool has(allowance what) const noexcept { return (bits_ & bit(what)) != 0; }
  constexpr void add(allowance what) noexcept { bits_ |= bit(what); }

  friend bool operator==(const allowances&, const allowances&) = default;

private:
  static constexpr std::uint32_t bit(allowance what) noexcept {
    return std::uint32_t{1} << static_cast<unsigned>(what);
  }

  std::uint32_t bits_ = 0;
};

/// "no-tls,no-credentials"; "none" if empty.
std::string to_string(const allowances& all);

/// The set of names joined by commas, with blanks around each; `none` is the empty one. Nothing if
/// a name is unknown: `problem` then says so, with the nearest known name, and quotes nothing.
std::optional<allowances> parse_allowances(std::string_view text, std::string& problem);

} // namespace moor
