#include "moor/mongo/worker_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

namespace moor::mongo {

namespace {

/// A thread that waits for work.
struct seat {
  std::condition_variable called;
  std::function<void()> work;
};

} // namespace

struct worker_pool::inside : std::enable_shared_from_this<inside> {
  explicit inside(std::chrono::milliseconds idle) : patience_{idle} {}

  void start(std::function<void()> first);
  bool post(std::function<void()> work) noexcept;
  void stop();
  std::size_t size();

private:
  void serve(std::function<void()> first);
  std::function<void()> next(seat& own);

  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable fewer_; // threads
  std::vector<seat*> idle_;       // the latest last, and the first to be called: others may go
  std::size_t threads_ = 0;
  bool stopping_ = false;
};

namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of the thread alone
thread_local const void* pool_of_thread = nullptr;

} // namespace

/// Threads are detached: `threads_` says who is left.
void worker_pool::inside::start(std::function<void()> first) {
  const std::lock_guard lock{mutex_};
  std::thread{[kept = shared_from_this(), f = std::move(first)]() mutable {
    kept->serve(std::move(f));
  }}.detach();
  ++threads_;
}

bool worker_pool::inside::post(std::function<void()> work) noexcept {
  try {
    if (std::lock_guard lock{mutex_}; !idle_.empty()) {
      auto* who = idle_.back();
      idle_.pop_back();
      who->work = std::move(work);
      who->called.notify_one();
      return true;
    }
    start(std::move(work));
    return true;
  } catch (...) { // no thread, or no memory for it
    return false;
  }
}

/// `first` may be nothing.
void worker_pool::inside::serve(std::function<void()> first) {
  pool_of_thread = this;
  ::pthread_setname_np(::pthread_self(), "moor.worker");
  if (first)
    std::exchange(first, nullptr)();
  seat own;
  while (auto work = next(own))
    work();
}

/// Nothing if the thread is to end, and counts no more.
std::function<void()> worker_pool::inside::next(seat& own) {
  std::unique_lock lock{mutex_};
  idle_.push_back(&own);
  while (!stopping_) {
    own.called.wait_for(lock, patience_, [&] { return own.work || stopping_; });
    if (own.work)
      return std::exchange(own.work, nullptr);
    if (threads_ > 1)
      break;
  }
  std::erase(idle_, &own);
  --threads_;
  fewer_.notify_all();
  return nullptr;
}

void worker_pool::inside::stop() {
  std::unique_lock lock{mutex_};
  stopping_ = true;
  for (auto* who : idle_)
    who->called.notify_one();
  const std::size_t self = pool_of_thread == this ? 1 : 0;
  fewer_.wait(lock, [&] { return threads_ <= self; });
}

std::size_t worker_pool::inside::size() {
  const std::lock_guard lock{mutex_};
  return threads_;
}

worker_pool::worker_pool(std::chrono::milliseconds idle) : inside_{std::make_shared<inside>(idle)} {
  inside_->start(nullptr);
}

worker_pool::~worker_pool() {
  inside_->stop();
}

bool worker_pool::post(std::function<void()> work) noexcept {
  return inside_->post(std::move(work));
}

std::size_t worker_pool::size() const {
  return inside_->size();
}

} // namespace moor::mongo
