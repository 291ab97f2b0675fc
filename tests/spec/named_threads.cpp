#include "spec/named_threads.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "spec/errors.hpp"

namespace moor::test::spec {

class named_threads::one {
public:
  void start(const std::function<performer()>& make_performer) {
    const std::lock_guard guard{mutex_};
    thread_ = std::thread{[this, make_performer] { run(make_performer); }};
  }

  /// False if it takes nothing more.
  bool give(const operation& what) {
    const std::lock_guard guard{mutex_};
    if (last_given_)
      return false;
    given_.push_back(&what);
    changed_.notify_all();
    return true;
  }

  bool wait(time_point until, const std::stop_token& stop) {
    std::unique_lock guard{mutex_};
    last_given_ = true;
    waited_for_ = true;
    changed_.notify_all();
    return changed_.wait_until(guard, stop, until, [this] { return ended_; });
  }

  void end() {
    {
      const std::lock_guard guard{mutex_};
      last_given_ = true;
      given_.clear();
      changed_.notify_all();
    }
    if (thread_.joinable())
      thread_.join();
  }

  std::exception_ptr error() const {
    const std::lock_guard guard{mutex_};
    return error_;
  }

  bool waited_for() const {
    const std::lock_guard guard{mutex_};
    return waited_for_;
  }

private:
  void run(const std::function<performer()>& make_performer) {
    std::exception_ptr error;
    try {
      const auto perform = make_performer();
      while (const auto* what = next())
        perform(*what);
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard guard{mutex_};
    error_ = error;
    ended_ = true;
    changed_.notify_all();
  }

  const operation* next() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return last_given_ || !given_.empty(); });
    if (given_.empty())
      return nullptr;
    const auto* what = given_.front();
    given_.pop_front();
    return what;
  }

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<const operation*> given_;
  bool last_given_ = false; // nothing more is taken
  bool waited_for_ = false;
  bool ended_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

named_threads::named_threads(const std::vector<operation>& operations,
                             std::function<performer()> make_performer)
  : make_performer_(std::move(make_performer)) {
  for (const auto& o : operations)
    if (const auto* s = std::get_if<start_thread>(&o.what))
      threads_.emplace(s->target, std::make_unique<one>());
}

named_threads::~named_threads() {
  end();
}

named_threads::one& named_threads::find(const std::string& name) {
  return *threads_.at(name);
}

void named_threads::start(const std::string& name) {
  find(name).start(make_performer_);
}

void named_threads::give(const std::string& name, const operation& what) {
  if (!find(name).give(what))
    throw test_failed("the thread " + name + " was given an operation after it was waited for");
}

bool named_threads::wait_for(const std::string& name, time_point until,
                             const std::stop_token& stop) {
  return find(name).wait(until, stop);
}

void named_threads::rethrow_error_of(const std::string& name) {
  if (const auto error = find(name).error())
    std::rethrow_exception(error);
}

std::vector<std::exception_ptr> named_threads::end() {
  std::vector<std::exception_ptr> unseen;
  for (auto& [name, thread] : threads_)
    thread->end();
  for (auto& [name, thread] : threads_)
    if (thread->error() && !thread->waited_for())
      unseen.push_back(thread->error());
  return unseen;
}

} // namespace moor::test::spec
