// The latest snapshot of each pool of a component, for whoever shows them.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
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

  /// Somebody looks, and wants to see figures that are newer than `metrics_interval` makes them for
  /// the next `attention`.
  void look() noexcept { looked_at_ = std::chrono::steady_clock::now().time_since_epoch(); }
  bool is_watched() const noexcept {
    return std::chrono::steady_clock::now().time_since_epoch() - looked_at_.load() < attention;
  }
  static constexpr std::chrono::seconds attention{3};
  /// Between looks at a pool while somebody watches.
  static constexpr std::chrono::milliseconds watched_interval{250};

private:
  mutable std::mutex mutex_;
  std::map<std::string, snapshot_ptr> pools_; // guarded by mutex_
  std::atomic<duration> looked_at_{-attention};
};

} // namespace moor::actors
