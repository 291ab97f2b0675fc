// A blocking call that cannot be interrupted, made on a thread that can be left behind.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// Calls `work` on a thread of its own and waits for its result until the deadline, or until the
/// wire is cut. If the result did not come in time there is none; the thread then ends by itself
/// when `work` returns, and destroys the result. `work` owns all it uses. Name resolution is the
/// use for this: the resolver has timeouts of its own, so that threads left behind do end. Throws
/// `std::system_error` if no thread can be started.
template <class Work>
auto run_abandonable(const wire& line, wire::clock::time_point deadline, Work work)
  -> std::optional<decltype(work())> {
  struct shared {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<decltype(work())> result;
  };
  // How long a cut may go unnoticed.
  constexpr std::chrono::milliseconds slice{10};

  if (line.is_cut()) // not even begun: a quick result must not win over a cut that came before
    return std::nullopt;
  auto state = std::make_shared<shared>();
  std::thread{[state, work = std::move(work)]() mutable {
    auto result = work();
    const std::lock_guard lock{state->mutex};
    state->result.emplace(std::move(result));
    state->done.notify_one();
  }}.detach();

  std::unique_lock lock{state->mutex};
  while (!state->result && !line.is_cut() && wire::clock::now() < deadline)
    state->done.wait_until(lock, std::min(deadline, wire::clock::now() + slice));
  return std::exchange(state->result, std::nullopt);
}

} // namespace moor::mongo
