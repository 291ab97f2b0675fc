// Where the HTTP endpoint listens, as the settings write it: `127.0.0.1:9464`, `[::1]:9464`,
// `localhost:0`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <netdb.h>

namespace moor::http {

struct free_addresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

using addresses = std::unique_ptr<addrinfo, free_addresses>;

/// What stands before the port: a name, an IPv4 address, or an IPv6 address in brackets.
std::string host_of(const std::string& listen);

/// Where such a host is; null if it is nowhere. Blocks on the name service if it is a name.
addresses resolve(std::string host, std::uint16_t port);

/// Whether nobody but this machine reaches such a host, however it is written. Blocks as `resolve`
/// does.
bool is_loopback(const std::string& host);

} // namespace moor::http
