#include "moor/mongo/resolve.hpp"

#include <cstring>
#include <system_error>

#include <netdb.h>
#include <sys/un.h>

#include "moor/mongo/abandonable.hpp"

namespace moor::mongo {

namespace {

using endpoints = std::vector<endpoint>;

struct answer {
  int error = 0; // getaddrinfo's
  endpoints found;
};

answer look_up(const std::string& host, std::uint16_t port, int family, int flags) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  answer result;
  result.error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (result.error != 0)
    return result;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    auto& found = result.found.emplace_back();
    std::memcpy(&found.address, entry->ai_addr, entry->ai_addrlen);
    found.length = entry->ai_addrlen;
  }
  freeaddrinfo(list);
  return result;
}

std::variant<endpoints, io_trouble> unix_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return io_trouble{io_fault::closed,
                      "the path of the Unix socket has " + std::to_string(path.size())
                        + " bytes; at most " + std::to_string(sizeof address.sun_path - 1)
                        + " are possible",
                      failure_cause::dial_failed};
  std::memcpy(address.sun_path, path.data(), path.size());
  endpoint result;
  std::memcpy(&result.address, &address, sizeof address);
  result.length = sizeof address;
  return endpoints{result};
}

} // namespace

std::variant<endpoints, io_trouble> resolve(const std::string& host, std::uint16_t port, int family,
                                            const wire& line, wire::clock::time_point deadline) {
  if (family == AF_UNIX)
    return unix_socket(host);
  if (auto numeric = look_up(host, port, family, AI_NUMERICHOST); numeric.error == 0)
    return std::move(numeric.found);
  const auto cannot = "cannot resolve the host name " + host + ": ";
  try {
    auto result = run_abandonable(line, deadline,
                                  [host, port, family] { return look_up(host, port, family, 0); });
    if (!result && line.is_cut())
      return io_trouble{io_fault::interrupted, cannot + "interrupted", failure_cause::interrupted};
    if (!result)
      return io_trouble{io_fault::timed_out, cannot + "no answer in time",
                        failure_cause::name_resolution};
    if (result->error != 0)
      return io_trouble{io_fault::closed, cannot + gai_strerror(result->error),
                        failure_cause::name_resolution};
    return std::move(result->found);
  } catch (const std::system_error& e) {
    return io_trouble{io_fault::closed, cannot + e.what(), failure_cause::name_resolution};
  }
}

} // namespace moor::mongo
