// One connection to the configured server: whether it can be made, how long it takes, and what
// answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/messages/errors.hpp"
#include "moor/messages/health.hpp"
#include "moor/mongo/steps.hpp"

namespace moor::ctl {

/// One step towards a server.
struct step {
  std::string name;   ///< "resolve", "dial", "tls", "hello", "authenticate", "ping", "status"
  std::string server; ///< host and port
  duration took{0};
  bool done = false; ///< if not, the connection failed in it or was made without it
};

/// What the server says of itself.
struct server_facts {
  std::string version; ///< empty if it keeps it to itself
  server_view view;
  /// Its answer to `serverStatus` if it refused that; else empty.
  std::string status_refusal;
};

struct probe_result {
  std::int64_t at_unix = 0; ///< when it began, in seconds of Unix time
  std::string address;
  std::vector<step> steps; ///< in the order in which they ended
  duration total{0};
  std::optional<failure> why; ///< why there is no connection
  /// The probe's own limit, if that is what ended it.
  std::optional<duration> limit;
  std::optional<server_facts> server;
  bool read_only = false;              ///< no member of the replica set takes writes
  std::optional<mongo::tls_facts> tls; ///< nothing without a TLS handshake that succeeded
};

/// The step that a probe ended in: the first that was not done; null if none was under way.
const step* last_step(const probe_result& of) noexcept;

/// Connects once, within `timeout`, and asks the server for `buildInfo`, `hello` and
/// `serverStatus`. Blocks for not much longer than `timeout`, whatever the settings' own timeouts
/// are; starts a thread that ends with it.
probe_result probe(const settings& with, duration timeout);

} // namespace moor::ctl
