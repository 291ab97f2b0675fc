// SIGHUP as an event of the program rather than its end.
#pragma once

#include <functional>
#include <memory>

namespace moor {

/// Takes every SIGHUP for the process and has a callback called for it, so that a daemon can read
/// its settings anew. A signal that comes while a callback is at work has it called once more
/// afterwards, however many come. If the system has no thread for it, that is tried once a second.
///
/// Make one in `main` beside `stop_signals`, before the actor system and everything else that
/// starts threads: they inherit that the signal is blocked, and a thread that does not would take
/// it. So do child processes, which must unblock it for themselves. One per process; destroy it on
/// the thread that made it. A program on a terminal that is closed gets the signal, too.
class reload_signal {
public:
  using callback = std::function<void()>;

  /// Blocks SIGHUP on this thread and waits for it on one of its own. Throws `std::system_error` if
  /// the system refuses what that takes.
  reload_signal();

  /// Waits for a callback that is being called, and restores what this thread blocked before.
  ~reload_signal();

  reload_signal(const reload_signal&) = delete;
  reload_signal& operator=(const reload_signal&) = delete;

  /// Has `on_reload` called at every signal from now on, each time on a thread of its own, and now
  /// if one came that nobody was told of; it may block, and use an actor system, but not throw.
  /// Takes the place of an earlier callback; if that is being called, this waits for its end
  /// (unless it is called by that one). Give an empty function before anything that the callback
  /// uses is destroyed. Any thread.
  void on_reload(callback on_reload);

private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

} // namespace moor
