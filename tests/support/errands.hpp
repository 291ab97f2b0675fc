// What other threads ask of a thread that polls.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>

#include "support/descriptor.hpp"
#include "support/patience.hpp"

namespace moor::test {

/// Functions that wait for the polling thread, and a descriptor that wakes it. Any thread, except
/// for what is said to be the polling thread's.
class errands {
public:
  /// Has the polling thread call `deed`, and returns or throws what that does. Blocks meanwhile;
  /// throws `std::runtime_error` if the thread does not get there within a minute. As `deed` may
  /// then still be called, it captures nothing of its caller's by reference.
  template <class Deed>
  auto run(Deed deed) {
    using result = std::invoke_result_t<Deed&>;
    const auto task = std::make_shared<std::packaged_task<result()>>(std::move(deed));
    auto done = task->get_future();
    {
      const std::lock_guard guard{mutex_};
      waiting_.emplace_back([task] { (*task)(); });
    }
    wake();
    if (done.wait_for(forever) != std::future_status::ready)
      throw std::runtime_error("the polling thread did not get to its errand in time");
    return done.get();
  }

  void wake() const noexcept { ::eventfd_write(wake_.get(), 1); }

  /// The polling thread's: what it polls beside its own.
  pollfd interest() const noexcept { return {wake_.get(), POLLIN, 0}; }

  /// The polling thread's, after each poll: forgets the wake-up, then calls all that waits.
  void perform() {
    eventfd_t ignored = 0;
    ::eventfd_read(wake_.get(), &ignored);
    for (const auto& deed : take())
      deed();
  }

private:
  std::vector<std::function<void()>> take() {
    const std::lock_guard guard{mutex_};
    return std::exchange(waiting_, {});
  }

  const descriptor wake_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  std::mutex mutex_;
  std::vector<std::function<void()>> waiting_; // guarded by mutex_
};

} // namespace moor::test
