// What one client shares with its sockets: the switch that cuts them, the deadline that bounds
// them, and what the network did.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "moor/messages/causes.hpp"
#include "moor/mongo/steps.hpp"

namespace moor::mongo {

/// How a socket failed.
enum class io_fault : std::uint8_t {
  none,
  closed,      ///< refused, reset or closed by the other side, or unreachable
  timed_out,   ///< the other side was silent for too long
  garbled,     ///< the other side sent what is no reply
  interrupted, ///< cut from this side
};

/// What the network did to a client since it was last asked.
struct io_trouble {
  /// The latest fault.
  io_fault fault = io_fault::none;
  /// One clause per server that was in trouble; holds addresses, nothing of what was sent.
  std::string text;
  /// The latest one; but while servers differ, one that may pass by itself.
  failure_cause cause = failure_cause::other;
};

/// A client has one socket per server of its topology, made and destroyed by libmongoc as it likes;
/// all are registered here. `cut` and `is_cut` may be called by any thread, the rest by the one
/// that uses the client.
class wire {
public:
  using clock = std::chrono::steady_clock;

  wire() = default;
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  /// Shuts every socket down, now and for good: whoever waits for one wakes at once. Does not
  /// block.
  void cut() noexcept;

  bool is_cut() const noexcept { return cut_.load(std::memory_order_acquire); }

  /// Registers a socket. False if the wire is cut: the socket must not be used then.
  bool attach(int socket);

  /// To be called before the socket is closed: `cut` must never meet a number that was given anew.
  void detach(int socket) noexcept;

  /// Whether something came on a socket, on any, that nobody read yet: its end, be it behind other
  /// bytes (TLS says goodbye before), or what was not asked for. Does not wait.
  bool has_news();

  /// Until when all input and output of an establishing or a ping must be done.
  void set_deadline(clock::time_point deadline) noexcept { deadline_ = deadline; }

  void clear_deadline() noexcept { deadline_ = clock::time_point::max(); }

  clock::time_point deadline() const noexcept { return deadline_; }

  /// Remembers that the socket to `server` failed; replaces what was noted of the same server. But
  /// what TLS failed for stays: that the connection was then closed says nothing new.
  void note(io_fault fault, const std::string& server, std::string text,
            failure_cause cause = failure_cause::other);

  /// The server is dialled anew: what was noted of it counts no more.
  void forget(const std::string& server) noexcept;

  /// What was noted since the last `forget_trouble`.
  io_trouble trouble() const;

  void forget_trouble() noexcept;

  /// What became of the establishing.
  step_log& steps() noexcept { return steps_; }
  const step_log& steps() const noexcept { return steps_; }

  /// The latest TLS handshake that succeeded.
  void note_tls(tls_facts facts) { tls_ = std::move(facts); }
  const std::optional<tls_facts>& tls() const noexcept { return tls_; }

private:
  struct note_entry {
    std::string server;
    std::string text;
    failure_cause cause;
  };

  std::atomic<bool> cut_ = false;
  std::mutex mutex_;
  std::vector<int> sockets_;
  clock::time_point deadline_ = clock::time_point::max();
  io_fault last_fault_ = io_fault::none;
  std::vector<note_entry> notes_;
  step_log steps_;
  std::optional<tls_facts> tls_;
};

} // namespace moor::mongo
