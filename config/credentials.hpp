// The secret parts of a connection string.
#pragma once

#include <string>
#include <string_view>

#include "moor/config/connection_string.hpp"
#include "moor/config/secret.hpp"

namespace moor {

/// Whether it holds a password, a passphrase or a session token.
bool has_credential(const connection_string& uri);

/// As above; false also of what is no connection string.
bool has_credential(std::string_view uri);

/// A connection string with `password` for its user, percent-encoded; or why there can be none, in
/// words that follow the name of the file that the password is from: "holds a password, and …".
struct completed_uri {
  secret uri;
  std::string problem;
};

/// `uri` is well-formed. Refused are a string without a user, and one with a password of its own.
completed_uri with_password(std::string_view uri, std::string_view password);

} // namespace moor
