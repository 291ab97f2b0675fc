#include "moor/runtime/http/address.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace moor::http {

namespace {

constexpr std::uint32_t loopback_net = 127;

bool is_loopback_address(const addrinfo& at) noexcept {
  if (at.ai_family == AF_INET) {
    const auto& v4 = *reinterpret_cast<const sockaddr_in*>(at.ai_addr);
    return ntohl(v4.sin_addr.s_addr) >> 24U == loopback_net;
  }
  if (at.ai_family != AF_INET6)
    return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6*>(at.ai_addr)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == loopback_net);
}

} // namespace

std::string host_of(const std::string& listen) {
  return listen.substr(0, listen.rfind(':'));
}

addresses resolve(std::string host, std::uint16_t port) {
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto text = std::to_string(port);
  return addresses{::getaddrinfo(host.c_str(), text.c_str(), &wanted, &found) == 0 ? found
                                                                                   : nullptr};
}

bool is_loopback(const std::string& host) {
  const auto found = resolve(host, 0);
  for (const auto* at = found.get(); at != nullptr; at = at->ai_next)
    if (!is_loopback_address(*at))
      return false;
  return found != nullptr;
}

} // namespace moor::http
