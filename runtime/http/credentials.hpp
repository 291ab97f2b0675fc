// Who may see the HTTP endpoint: basic authentication (RFC 7617).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "moor/config/secret.hpp"
#include "moor/config/settings.hpp"

namespace moor::http {

/// The one user and password that are let in, or nobody's in particular. A value; any thread.
class credentials {
public:
  /// Anybody is let in.
  credentials() = default;
  credentials(std::string_view user, const secret& password);

  bool are_wanted() const noexcept { return !expected_.empty(); }

  /// Whether the value of an `Authorization` header opens. How long that takes says nothing of
  /// what was expected.
  bool open_with(std::string_view authorization) const;

private:
  shared_secret expected_; // user:password
};

/// Those of the settings, with the password read from its file; or why there are none, free of
/// what the file holds. `when_exposed` says what is wrong with a file that everybody on this
/// machine may read; empty = nothing. Blocks on the file.
std::variant<credentials, std::string> read_credentials(const endpoint_settings& config,
                                                        const std::string& when_exposed);

/// The bytes of a base64 text (RFC 4648, padded); empty if it is none.
std::string from_base64(std::string_view text);

} // namespace moor::http
