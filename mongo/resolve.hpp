// Name resolution.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <sys/socket.h>

#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// One address to dial.
struct endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;
};

/// The addresses of `host` in the resolver's order, or why there are none. `family` is AF_UNSPEC,
/// AF_INET, AF_INET6 or AF_UNIX (`host` is a path then). Blocks until the deadline at most, and
/// ends when the wire is cut.
std::variant<std::vector<endpoint>, io_trouble> resolve(const std::string& host, std::uint16_t port,
                                                        int family, const wire& line,
                                                        wire::clock::time_point deadline);

} // namespace moor::mongo
