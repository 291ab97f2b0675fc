// Where connections work that need no thread each: a loop for what waits for the network alone,
// and threads for what blocks in other ways.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "moor/mongo/fiber_loop.hpp"
#include "moor/mongo/worker_pool.hpp"

namespace moor::mongo {

/// Starts threads, and throws std::system_error if there are none.
class fiber_lane {
public:
  fiber_loop& loop() noexcept { return loop_; }
  worker_pool& workers() noexcept { return workers_; }

  /// Does `work` where it may block, and returns when it has ended: on a fiber of the loop, by a
  /// worker, while the fiber is suspended; elsewhere at once. What `work` throws is thrown on.
  /// False if there is no thread for it: nothing was done then.
  [[nodiscard]] bool off_loop(const std::function<void()>& work);

private:
  worker_pool workers_;
  fiber_loop loop_; // ends first, since its work may need workers
};

/// The lanes of one driver, started when they are asked for. Any thread.
class fiber_lanes {
public:
  /// `most` lanes, over which connections are spread in turn.
  explicit fiber_lanes(std::size_t most = usual()) : most_{most} {}

  /// Throws std::system_error.
  std::shared_ptr<fiber_lane> next();

  /// One for each four processors: a lane keeps one busy, and three serve the rest of the process.
  static std::size_t usual() noexcept;

private:
  const std::size_t most_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<fiber_lane>> all_;
  std::size_t given_ = 0;
};

} // namespace moor::mongo
