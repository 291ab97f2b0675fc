// SIGINT and SIGTERM as an event of the program rather than its end.
#pragma once

#include <functional>
#include <memory>

#include "moor/config/duration.hpp"

namespace moor {

/// Takes the first SIGINT or SIGTERM for the process and tells of it, so that `main` can drain and
/// end in good order. The second one has its default action again, whatever is still going on: who
/// is impatient ends the process by the same key.
///
/// Make one in `main`, before the actor system and everything else that starts threads: they
/// inherit that both signals are blocked, and a thread that does not would take them. So do child
/// processes, which must unblock them for themselves. One per process; destroy it on the thread
/// that made it. Every other member may be called from any thread.
class stop_signals {
public:
  /// `signal` is SIGINT or SIGTERM.
  using callback = std::function<void(int signal)>;

  /// Blocks both signals on this thread and waits for them on one of its own. Throws
  /// `std::system_error` if the system refuses what that takes.
  stop_signals();

  /// Waits for a callback that is being called, and restores what this thread blocked before. A
  /// signal that came too late to be told has its action then.
  ~stop_signals();

  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Has `on_stop` called once, at the first signal or now if that came before, on a thread of its
  /// own; it may block, and use an actor system, but not throw. If the system has no thread for it,
  /// that is tried once a second. Takes the place of an earlier callback: that one is not called
  /// any more, and if it is being called, this waits for its end (unless it is called by that one).
  /// Give an empty function before anything that the callback uses is destroyed.
  void on_stop(callback on_stop);

  /// The first signal, 0 until it came. A program that ends for it exits with 128 + `signal()`.
  int signal() const noexcept;

  /// Whether a signal came.
  bool stopped() const noexcept { return signal() != 0; }

  /// Blocks until a signal came, or up to `limit` (a day at most); then as `stopped`.
  bool wait_for(duration limit) const;

private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

} // namespace moor
