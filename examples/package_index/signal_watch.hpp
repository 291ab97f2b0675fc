// SIGINT and SIGTERM as an event of the program rather than its end.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace package_index {

/// Blocks SIGINT and SIGTERM for the calling thread and all that it will start. To be called before
/// the actor system starts its threads; from then on the signals wait for a `signal_watch`.
void block_signals();

/// Waits for the signals on a thread of its own. The first one calls `on_signal` there with its
/// number, a second one ends the process at once with 128 + its number.
class signal_watch {
public:
  explicit signal_watch(std::function<void(int)> on_signal);
  /// Waits for `on_signal` to return if it is running.
  ~signal_watch();

  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

private:
  void watch(const std::function<void(int)>& on_signal);

  std::atomic<bool> over_ = false;
  std::thread thread_;
};

} // namespace package_index
