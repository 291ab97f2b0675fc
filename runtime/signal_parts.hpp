// What waiting for signals takes: a descriptor that is closed, and signals that are blocked.
#pragma once

#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <system_error>
#include <thread>
#include <utility>

#include <unistd.h>

namespace moor::detail {

inline sigset_t set_of(std::initializer_list<int> numbers) noexcept {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers)
    sigaddset(&set, number);
  return set;
}

class descriptor {
public:
  explicit descriptor(int number) : number_{number} {
    if (number < 0)
      throw std::system_error(errno, std::generic_category(), "cannot watch for signals");
  }
  ~descriptor() { ::close(number_); }

  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int get() const noexcept { return number_; }

private:
  int number_;
};

/// Blocked for one thread and those it starts.
class blocked_signals {
public:
  explicit blocked_signals(const sigset_t& which) noexcept {
    pthread_sigmask(SIG_BLOCK, &which, &before_);
  }
  ~blocked_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  blocked_signals(const blocked_signals&) = delete;
  blocked_signals& operator=(const blocked_signals&) = delete;

private:
  sigset_t before_{};
};

/// A thread that takes none of the signals that moor watches for: another watcher may begin, and
/// block its own, when this thread runs already.
template <class F>
std::thread thread_beside_watchers(F run) {
  const blocked_signals blocked{set_of({SIGINT, SIGTERM, SIGHUP})};
  return std::thread{std::move(run)};
}

} // namespace moor::detail
