// What a connection string says of the way to its servers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "moor/config/connection_string.hpp"

namespace moor::ctl {

struct target {
  bool srv = false;
  bool credentials = false;
  bool tls = false;
  /// Hosts that are neither this machine's loopback nor a Unix socket: what goes there may be read
  /// on the way.
  std::vector<std::string> remote_hosts;
};

/// Pure; nothing but the defaults of what is no connection string.
target target_of(std::string_view text);

} // namespace moor::ctl
