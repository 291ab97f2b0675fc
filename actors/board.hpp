// The latest snapshot of each pool of a component, for whoever shows them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "moor/messages/figures.hpp"

namespace moor::actors {

/// Written by the pools' exporters, read by the HTTP endpoint. Nobody waits here for longer than a
/// pointer takes to be copied. Any thread.
class board {
public:
  using snapshot_ptr = std::shared_ptr<const pool_snapshot>;

  /// In place of the pool's last one.
  void put(snapshot_ptr latest) {
    const std::lock_guard guard{mutex_};
    auto& place = pools_[latest->pool];
    place.swap(latest); // the last one goes away outside of the lock
  }

  /// The pool ended that put `last` here. Another one of its name may have taken its place.
  void remove(const snapshot_ptr& last) {
    const std::lock_guard guard{mutex_};
    if (const auto found = pools_.find(last->pool); found != pools_.end() && found->second == last)
      pools_.erase(found);
  }

  /// By the pools' names.
  std::vector<snapshot_ptr> all() const {
    const std::lock_guard guard{mutex_};
    std::vector<snapshot_ptr> found;
    for (const auto& [name, latest] : pools_)
      found.push_back(latest);
    return found;
  }

  /// Called when somebody looks and nobody did for a while, on his thread; must not block.
  using bell = std::function<void()>;
  /// Rings until its owner lets it go.
  void hang(const std::shared_ptr<const bell>& one) {
    const std::lock_guard guard{mutex_};
    std::erase_if(bells_, [](const auto& each) { return each.expired(); });
    bells_.push_back(one);
  }

  /// Somebody looks, and wants to see figures that are newer than `metrics_interval` makes them,
  /// from now on and for the next `attention`.
  void look() {
    const duration now = std::chrono::steady_clock::now().time_since_epoch();
    if (now - looked_at_.exchange(now) < attention)
      return;
    for (const auto& one : bells())
      (*one)();
  }
  bool is_watched() const noexcept {
    return std::chrono::steady_clock::now().time_since_epoch() - looked_at_.load() < attention;
  }
  static constexpr std::chrono::seconds attention{3};
  /// Between looks at a pool while somebody watches.
  static constexpr std::chrono::milliseconds watched_interval{250};

private:
  std::vector<std::shared_ptr<const bell>> bells() const {
    const std::lock_guard guard{mutex_};
    std::vector<std::shared_ptr<const bell>> found;
    for (const auto& one : bells_)
      if (auto hangs = one.lock())
        found.push_back(std::move(hangs));
    return found;
  }

  mutable std::mutex mutex_;
  std::map<std::string, snapshot_ptr> pools_;    // guarded by mutex_, as is the next
  std::vector<std::weak_ptr<const bell>> bells_; // of each pool
  std::atomic<duration> looked_at_{-attention};
};

} // namespace moor::actors
