// A pool's events as log lines, in the words of the specification.
#pragma once

#include <string>

#include "moor/messages/events.hpp"

namespace moor::actors {

/// The log message of an event (Connection Monitoring and Pooling specification, "Connection Pool
/// Logging"), with its fields. `address` is the server's, `host:port`.
std::string line_about(const std::string& pool, const std::string& address,
                       const pool_event& event);

} // namespace moor::actors
