// The last resort against a test that cannot be ended.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace moor::test::spec {

/// Calls a function on a thread of its own unless it is destroyed within the limit.
class watchdog {
public:
  watchdog(std::chrono::seconds limit, std::function<void()> bark)
    : thread_([this, limit, bark = std::move(bark)](const std::stop_token& stop) {
        std::unique_lock guard{mutex_};
        never_.wait_for(guard, stop, limit, [] { return false; });
        if (!stop.stop_requested())
          bark();
      }) {}

private:
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::jthread thread_; // stopped and joined before the others go
};

} // namespace moor::test::spec
