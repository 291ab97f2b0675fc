// What happens to the server meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <stop_token>
#include <string>

#include "chaos/canary.hpp"
#include "chaos/tally.hpp"
#include "support/embedded_server.hpp"
#include "support/fault_proxy.hpp"

namespace moor::chaos {

/// The embedded server behind a proxy, and the eight ways in which it fails. One thread.
class weather {
public:
  /// `most_connections` is how many the server may have.
  /// The pool is to work again after `recovery` at most.
  weather(tally& seen, const canary& machine, std::uint64_t most_connections, duration recovery,
          std::uint64_t seed);

  /// How to reach the server through the proxy.
  std::string uri() const { return proxy_.uri(); }

  /// Lets the server alone for a while and counts the connections it has meanwhile. Blocks.
  void calm(std::chrono::milliseconds length, const std::stop_token& stop);

  /// One fault from beginning to end, each kind in its turn, and how soon moor works again.
  /// Blocks for some seconds.
  void storm();

  /// Connections at the server, this question's own not counted.
  std::uint64_t connections() const;

private:
  std::chrono::milliseconds for_a_while() {
    return std::chrono::milliseconds{200 + random_() % 1300};
  }
  void expect_recovery(const std::string& after);

  tally& seen_;
  const canary& machine_;
  const std::uint64_t most_connections_;
  const duration recovery_;
  test::embedded_server server_;
  test::fault_proxy proxy_;
  std::mt19937_64 random_;
  int turn_ = 0;
  int samples_beyond_ = 0;
};

} // namespace moor::chaos
