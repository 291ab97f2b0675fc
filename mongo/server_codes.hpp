// The servers' error codes that moor needs to know.
#pragma once

#include <cstdint>
#include <string_view>

namespace moor::mongo {

struct server_code {
  std::int32_t code;
  std::string_view name;
  /// NotWritablePrimary, NodeIsRecovering and ShutdownInProgress errors of the SDAM specification:
  /// the server is no longer what the client took it for.
  bool state_change;
  /// Its message is made of fixed words, host names and names of commands and collections, and so
  /// cannot carry a value of the query.
  bool plain_message;
};

/// The row of a code, or null if moor knows nothing of it.
const server_code* find_server_code(std::int32_t code) noexcept;

} // namespace moor::mongo
