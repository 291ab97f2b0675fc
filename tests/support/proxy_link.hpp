// One connection through the fault proxy.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <random>
#include <string>

#include <poll.h>

#include "support/descriptor.hpp"
#include "support/fault_proxy.hpp"

namespace moor::test {

using proxy_clock = std::chrono::steady_clock;

/// What holds for all connections at this moment.
struct proxy_rules {
  fault what = fault::none;
  std::chrono::milliseconds slow_delay;
  std::mt19937_64 random;

  /// How long a chunk from the server is kept back.
  std::chrono::milliseconds delay() const noexcept {
    return what == fault::slow ? slow_delay : slow_delay.zero();
  }
};

/// The bytes on their way in one direction, in the chunks in which they came.
class proxy_flow {
public:
  /// Whether there is room for more, and more may come.
  bool wants() const noexcept { return !ended_ && held_ < most_held; }

  /// When the next chunk may pass at the earliest; the end of time if there is none.
  proxy_clock::time_point due(std::chrono::milliseconds delay) const noexcept;

  /// Whether the source has ended and all it sent has passed.
  bool over() const noexcept { return ended_ && chunks_.empty(); }

  /// Takes what is there from a socket. False if the connection is broken.
  bool receive(int from, proxy_clock::time_point now);

  /// Passes on what is due and fits. False if the connection is broken.
  bool send(int to, proxy_clock::time_point now, std::chrono::milliseconds delay);

  /// Does to all it holds what the rules say, but not twice.
  void distort(proxy_rules& rules);

private:
  static constexpr std::size_t most_held = 64 * 1024;

  struct chunk {
    std::string bytes; // what has not passed yet
    proxy_clock::time_point arrived;
    bool garbled = false;
  };

  std::deque<chunk> chunks_;
  std::size_t held_ = 0;
  bool ended_ = false; // nothing more is received
  bool cut_ = false;
};

/// The sockets of the client and of the server, which do not block. Used by the proxy's thread.
class proxy_link {
public:
  proxy_link(descriptor client, descriptor server) noexcept;

  /// What to poll for: the client's socket, then the server's.
  std::array<pollfd, 2> interests(const proxy_rules& rules, proxy_clock::time_point now) const;

  /// When to call `advance` even if nothing happened; the end of time for never.
  proxy_clock::time_point due(const proxy_rules& rules) const noexcept;

  /// Passes on what can pass, after `poll` reported `seen`. False if the connection is at its end.
  bool advance(const std::array<pollfd, 2>& seen, proxy_rules& rules);

  /// The rules have changed.
  void obey(proxy_rules& rules) { to_client_.distort(rules); }

  /// Both sides see a reset instead of an end when this object goes.
  void reset() noexcept;

private:
  bool receive(const std::array<pollfd, 2>& seen, proxy_rules& rules, proxy_clock::time_point now);

  descriptor client_;
  descriptor server_;
  proxy_flow to_server_;
  proxy_flow to_client_;
};

} // namespace moor::test
