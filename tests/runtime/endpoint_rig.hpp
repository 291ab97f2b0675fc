// An endpoint over a board filled by hand, and visitors with bare sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

#include <prometheus/registry.h>
#include <sys/socket.h>

#include "moor/runtime/http/endpoint.hpp"
#include "support/descriptor.hpp"

namespace moor::test {

/// What came back for a request. A status of 0: nothing, or nothing of HTTP.
struct reply {
  int status = 0;
  std::string head; ///< with lower-case names
  std::string body;

  /// The value of a header, empty if there is none.
  std::string header(std::string_view name) const;
};

reply parse_reply(const std::string& text);

/// A socket to a port of 127.0.0.1, or of ::1, that blocks, and gives up after `forever`.
descriptor visiting_socket(std::uint16_t port, int family = AF_INET);

class visitor {
public:
  explicit visitor(std::uint16_t port, int family = AF_INET)
    : socket_{visiting_socket(port, family)} {}

  /// Whether all of it was taken.
  bool send(std::string_view text) const;
  /// What comes until `mark` did, or the end.
  std::string read_until(std::string_view mark = {}) const;

private:
  descriptor socket_;
};

bool contains(const std::string& text, const std::string& part);

/// Asks again until it is so, for what other threads do in their time.
template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 6'000; ++i, ::usleep(10'000))
    if (condition())
      return true;
  return false;
}

struct endpoint_rig {
  std::shared_ptr<actors::board> shown = std::make_shared<actors::board>();
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  endpoint_settings config;
  logger log;
  std::string when_exposed;
  std::unique_ptr<endpoint> open;

  endpoint_rig() { config.listen = "127.0.0.1:0"; }

  /// Opens it with `config`; the failure, if it is one.
  std::string start();
  std::uint16_t port() const;

  /// The answer to bytes sent as they are.
  reply send(std::string_view bytes) const;
  /// The answer to a GET with more header lines, each with its line end.
  reply get(const std::string& path, const std::string& headers = {}) const;

  /// Puts a pool of that state on the board.
  void put(const std::string& pool, health_state state, pool_phase phase = pool_phase::ready,
           bool answers = true, std::chrono::milliseconds ago = {}) const;
};

} // namespace moor::test
