#include "moor/runtime/signals.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "moor/runtime/signal_parts.hpp"

namespace moor {

namespace {

constexpr std::array watched_signals{SIGINT, SIGTERM};
/// Longer waits would overflow the clock at some point.
constexpr duration longest_wait = std::chrono::hours{24};

using detail::blocked_signals;
using detail::descriptor;

sigset_t watched() noexcept {
  return detail::set_of({SIGINT, SIGTERM});
}

/// From here on the kernel ends the process on either signal and needs no thread for it but this
/// one, whatever that is doing.
void take_default_action_again() noexcept {
  const auto set = watched();
  for (const int number : watched_signals)
    static_cast<void>(std::signal(number, SIG_DFL));
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

int make_signal_descriptor() noexcept {
  const auto set = watched();
  return ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

} // namespace

struct stop_signals::implementation {
  implementation() = default;
  ~implementation() {
    {
      const std::lock_guard guard{mutex};
      over = true;
    }
    changed.notify_all();
    ::eventfd_write(end.get(), 1);
    thread.join();
  }

  implementation(const implementation&) = delete;
  implementation& operator=(const implementation&) = delete;

  // The next two on the thread.

  void run() {
    const int number = detail::next_signal(signals, end);
    if (number == 0)
      return;
    take_default_action_again(); // before the callback, which may hang
    std::unique_lock lock{mutex};
    signal = number;
    changed.notify_all();
    for (;;) {
      changed.wait(lock, [this] { return over || on_stop; });
      if (!on_stop) // one given before the end is called even so
        return;
      if (call(lock))
        continue;
      if (over) { // it is called by this thread, then, which ends
        const auto last = std::exchange(on_stop, {});
        lock.unlock();
        return last(number);
      }
      changed.wait_for(lock, detail::before_another_try, [this] { return over; });
    }
  }

  /// On a thread of its own, since one that has used a CAF actor system holds on to it until it
  /// ends: the destructor of a system that ends before the signals would wait for that for ever.
  /// False if there is none.
  bool call(std::unique_lock<std::mutex>& lock) {
    auto told = std::exchange(on_stop, {});
    auto caller = detail::thread_if_any(told, signal.load());
    if (!caller.joinable()) {
      on_stop = std::move(told);
      return false;
    }
    calling = caller.get_id();
    lock.unlock();
    told = {};
    caller.join();
    lock.lock();
    calling = {};
    changed.notify_all();
    return true;
  }

  const descriptor end{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  const descriptor signals{make_signal_descriptor()};
  const blocked_signals blocked{watched()}; // before the thread, which inherits it
  std::mutex mutex;
  std::condition_variable changed;
  callback on_stop;        // guarded by mutex, and so are the next two
  std::thread::id calling; // none most of the time
  bool over = false;
  std::atomic<int> signal = 0; // written under mutex
  std::thread thread{detail::thread_beside_watchers([this] { run(); })};
};

stop_signals::stop_signals() : impl_{std::make_unique<implementation>()} {}

stop_signals::~stop_signals() = default;

void stop_signals::on_stop(callback on_stop) {
  std::unique_lock lock{impl_->mutex};
  const auto me = std::this_thread::get_id();
  impl_->changed.wait(lock,
                      [&] { return impl_->calling == std::thread::id{} || impl_->calling == me; });
  impl_->on_stop.swap(on_stop);
  impl_->changed.notify_all();
}

int stop_signals::signal() const noexcept {
  return impl_->signal;
}

bool stop_signals::wait_for(duration limit) const {
  std::unique_lock lock{impl_->mutex};
  return impl_->changed.wait_for(lock, std::min(limit, longest_wait), [this] { return stopped(); });
}

} // namespace moor
