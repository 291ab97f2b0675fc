// Who a connection string logs in as.
#pragma once

#include <optional>
#include <string>

#include "moor/config/uri_options.hpp"

namespace moor {

/// As the Authentication specification derives it. `user` and `password` are secrets, and so may
/// `properties` be.
struct uri_credential {
  std::optional<std::string> user;
  std::optional<std::string> password;
  /// The database that knows the user.
  std::string source;
  /// Empty: negotiated with the server.
  std::string mechanism;
  uri_pairs properties;
};

/// Nothing if the string asks for no authentication: it has neither a user nor a mechanism that
/// needs none. Pure; any thread.
std::optional<uri_credential> credential_of(const connection_string& uri,
                                            const uri_options& options);

/// Whether nobody can log in so: the mechanism, or SCRAM where it is negotiated, needs a password,
/// and there is none, or an empty one. Pure; any thread.
bool lacks_password(const uri_credential& who);

} // namespace moor
