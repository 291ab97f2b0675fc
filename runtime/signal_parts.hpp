// What waiting for signals takes: a descriptor that is closed, and signals that are blocked.
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <initializer_list>
#include <system_error>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace moor::detail {

inline sigset_t set_of(std::initializer_list<int> numbers) noexcept {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers)
    sigaddset(&set, number);
  return set;
}

inline sigset_t all_signals() noexcept {
  sigset_t set;
  sigfillset(&set);
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

/// Blocks until one of the signals of a signalfd comes, and gives its number; 0 once `end` is
/// written to and no signal is left.
inline int next_signal(const descriptor& signals, const descriptor& end) {
  std::array<pollfd, 2> events{pollfd{end.get(), POLLIN, 0}, pollfd{signals.get(), POLLIN, 0}};
  for (;;) {
    ::poll(events.data(), events.size(), -1); // a failure is an interruption by another signal
    signalfd_siginfo seen{};
    if (::read(signals.get(), &seen, sizeof seen) == sizeof seen)
      return static_cast<int>(seen.ssi_signo);
    if (events[0].revents != 0)
      return 0;
  }
}

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

/// Until another try for a thread that the system refused.
inline constexpr std::chrono::seconds before_another_try{1};

/// A thread that calls that; not joinable if the system has none to give, or no memory for it.
template <class F, class... Args>
std::thread thread_if_any(const F& call, Args... args) noexcept {
  try {
    return std::thread{call, args...};
  } catch (...) { // of the copy, too, which is the caller's own
    return {};
  }
}

} // namespace moor::detail
