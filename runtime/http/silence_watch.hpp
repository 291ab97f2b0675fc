// Who keeps a thread waiting while others wait for one is sent away.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace moor::http {

/// The visitors that threads are at work for, by their sockets. While every thread has one and
/// others wait, reading ends for those who are silent for longer than `patience` in the middle of a
/// handshake or a request. Any thread.
class silence_watch {
public:
  /// `others_wait` is called on a thread of the watch's own; it may take locks that are not held
  /// while this is called.
  silence_watch(std::size_t threads, std::chrono::milliseconds patience,
                std::function<bool()> others_wait);
  ~silence_watch();
  silence_watch(const silence_watch&) = delete;
  silence_watch& operator=(const silence_watch&) = delete;

  /// A thread begins to listen to that visitor, or something came from there.
  void heard_from(int socket) noexcept;
  /// The request is there, and it is for us to do something.
  void has_asked(int socket) noexcept;
  /// To be said before the socket is closed, as its number belongs to another then.
  void is_gone(int socket) noexcept;

  /// Nobody is sent away from then on, and `others_wait` is not called any more.
  void stop();

private:
  using clock = std::chrono::steady_clock;
  struct visitor {
    int socket;
    bool is_awaited;
    clock::time_point last;
  };

  void watch();
  void send_silent_away();
  std::vector<visitor>::iterator find(int socket) noexcept;

  const std::size_t threads_;
  const std::chrono::milliseconds patience_;
  const std::function<bool()> others_wait_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<visitor> visitors_; // guarded by mutex_, as is the next; never more than `threads_`
  bool over_ = false;
  std::thread thread_;
};

} // namespace moor::http
