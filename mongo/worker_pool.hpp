// Threads for work that blocks, which come when they are needed and go when they are not.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace moor::mongo {

class worker_pool {
public:
  /// How long a thread without work stays.
  static constexpr std::chrono::seconds patience{10};

  /// Starts the one thread that always stays. Throws std::system_error if there is none for it.
  /// Others without work stay for `idle`.
  explicit worker_pool(std::chrono::milliseconds idle = patience);

  /// Returns when all work has ended; called by such work, when all other work has.
  ~worker_pool();

  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  /// Does `work` at once on a thread that has none, or on a new one. False if that cannot be
  /// started: nothing was done then, and nothing waits. Whoever calls bounds how much is at work at
  /// once. Any thread. An exception that leaves the work ends the process.
  [[nodiscard]] bool post(std::function<void()> work) noexcept;

  /// Threads, with work or without. Any thread.
  std::size_t size() const;

private:
  struct inside;
  std::shared_ptr<inside> inside_;
};

} // namespace moor::mongo
