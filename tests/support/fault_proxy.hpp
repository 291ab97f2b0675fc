// A TCP proxy that does harm to what passes through it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace moor::test {

/// What the proxy does. A chunk is what arrives from the server at once.
enum class fault : std::uint8_t {
  none,    ///< everything passes
  refuse,  ///< nobody listens: connections are refused; open ones are reset
  reset,   ///< open connections are reset, new ones as soon as they are accepted
  silence, ///< connections are accepted, but no byte passes in either direction
  slow,    ///< a chunk passes no sooner than the delay after it came
  garbage, ///< a chunk is replaced by as many pseudo-random bytes
  cut,     ///< of the next chunk the first half passes, and then the connection is closed
};

struct fault_proxy_options {
  /// For `fault::slow`.
  std::chrono::milliseconds delay{200};
  /// For `fault::garbage`: the same seed gives the same bytes.
  std::uint64_t seed = 1;
};

/// Listens on a free port of 127.0.0.1, which stays its own also while it refuses, and passes every
/// connection on to a port of 127.0.0.1. A server that refuses or resets shows as a reset
/// connection. One that either side closes is closed on the other when what that side sent has
/// passed; during `silence` only the client's close is noticed, and the server's afterwards.
///
/// A thread of its own does the work and raises no SIGPIPE. It holds 64 KiB at most per connection
/// and direction, and then leaves the sender to wait. Every member may be called from any thread;
/// the destructor cuts all connections. The constructor throws `std::system_error`.
class fault_proxy {
public:
  explicit fault_proxy(std::uint16_t target, fault_proxy_options options = {});
  ~fault_proxy();

  fault_proxy(const fault_proxy&) = delete;
  fault_proxy& operator=(const fault_proxy&) = delete;

  std::uint16_t port() const noexcept;

  /// "mongodb://127.0.0.1:PORT/?directConnection=true": without that option a client asks the
  /// server for its own address and leaves the proxy.
  std::string uri() const;

  /// From its return on, every connection meets the fault, also with what the proxy holds: bytes
  /// kept back by `silence` and `slow` pass under the rule of the new one. Blocks for a moment;
  /// throws `std::system_error` if the proxy cannot listen again, and `std::runtime_error` if
  /// its thread does not get there within a minute.
  void set(fault next);

  /// The same with another delay for `fault::slow`, then and later.
  void set(fault next, std::chrono::milliseconds delay);

  /// Connections that are open now.
  std::size_t open() const noexcept;

private:
  class worker;
  std::unique_ptr<worker> worker_;
};

} // namespace moor::test
