#include "moor/runtime/reload_signal.hpp"

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

using detail::blocked_signals;
using detail::descriptor;

const sigset_t& watched() noexcept {
  static const auto set = detail::set_of({SIGHUP});
  return set;
}

} // namespace

struct reload_signal::implementation {
  implementation() {
    watcher = detail::thread_beside_watchers([this] { watch(); });
    try {
      teller = detail::thread_beside_watchers([this] { tell(); });
    } catch (...) {
      end_watcher();
      throw;
    }
  }
  ~implementation() {
    {
      const std::lock_guard guard{mutex};
      over = true;
    }
    changed.notify_all();
    end_watcher();
    teller.join();
  }

  implementation(const implementation&) = delete;
  implementation& operator=(const implementation&) = delete;

  void end_watcher() {
    ::eventfd_write(end.get(), 1);
    watcher.join();
  }

  /// Notes signals as they come, while a callback may be at work.
  void watch() {
    while (detail::next_signal(signals, end) != 0) {
      const std::lock_guard guard{mutex};
      came = true;
      changed.notify_all();
    }
  }

  void tell() {
    std::unique_lock lock{mutex};
    for (;;) {
      changed.wait(lock, [this] { return over || (came && on_reload); });
      if (over)
        return;
      came = false;
      if (call(lock))
        continue;
      came = true;
      changed.wait_for(lock, detail::before_another_try, [this] { return over; });
    }
  }

  /// On a thread of its own, since one that has used a CAF actor system holds on to it until it
  /// ends: the destructor of a system that ends before the signal would wait for that for ever.
  /// False if there is none.
  bool call(std::unique_lock<std::mutex>& lock) {
    auto caller = detail::thread_if_any(on_reload);
    if (!caller.joinable())
      return false;
    calling = caller.get_id();
    lock.unlock();
    caller.join();
    lock.lock();
    calling = {};
    changed.notify_all();
    return true;
  }

  const descriptor end{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  const descriptor signals{::signalfd(-1, &watched(), SFD_NONBLOCK | SFD_CLOEXEC)};
  const blocked_signals blocked{watched()}; // before the threads, which inherit it
  std::mutex mutex;
  std::condition_variable changed;
  callback on_reload;      // guarded by mutex, and so are the next three
  std::thread::id calling; // none most of the time
  bool came = false;
  bool over = false;
  std::thread watcher;
  std::thread teller;
};

reload_signal::reload_signal() : impl_{std::make_unique<implementation>()} {}

reload_signal::~reload_signal() = default;

void reload_signal::on_reload(callback on_reload) {
  std::unique_lock lock{impl_->mutex};
  const auto me = std::this_thread::get_id();
  impl_->changed.wait(lock,
                      [&] { return impl_->calling == std::thread::id{} || impl_->calling == me; });
  impl_->on_reload.swap(on_reload);
  impl_->changed.notify_all();
}

} // namespace moor
