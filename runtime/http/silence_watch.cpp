#include "moor/runtime/http/silence_watch.hpp"

#include <algorithm>
#include <utility>

#include <sys/socket.h>

#include "moor/runtime/signal_parts.hpp"

namespace moor::http {

silence_watch::silence_watch(std::size_t threads, std::chrono::milliseconds patience,
                             std::function<bool()> others_wait)
  : threads_{threads}, patience_{patience}, others_wait_{std::move(others_wait)} {
  visitors_.reserve(threads); // so that nothing allocates later
  const detail::blocked_signals for_its_thread{detail::all_signals()};
  thread_ = std::thread{[this] { watch(); }};
}

silence_watch::~silence_watch() {
  stop();
}

void silence_watch::stop() {
  {
    const std::lock_guard guard{mutex_};
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

std::vector<silence_watch::visitor>::iterator silence_watch::find(int socket) noexcept {
  return std::ranges::find(visitors_, socket, &visitor::socket);
}

void silence_watch::heard_from(int socket) noexcept {
  const std::lock_guard guard{mutex_};
  if (const auto known = find(socket); known != visitors_.end())
    known->last = clock::now();
  else if (socket >= 0 && visitors_.size() < threads_)
    visitors_.push_back({socket, true, clock::now()});
  if (visitors_.size() == threads_)
    changed_.notify_all();
}

void silence_watch::has_asked(int socket) noexcept {
  const std::lock_guard guard{mutex_};
  if (const auto known = find(socket); known != visitors_.end())
    known->is_awaited = false;
}

void silence_watch::is_gone(int socket) noexcept {
  const std::lock_guard guard{mutex_};
  if (const auto known = find(socket); known != visitors_.end())
    visitors_.erase(known);
}

void silence_watch::watch() {
  const auto look_interval = patience_ / 10 + std::chrono::milliseconds{1};
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return over_ || visitors_.size() == threads_; });
    if (over_)
      return;
    if (others_wait_())
      send_silent_away();
    changed_.wait_for(lock, look_interval, [this] { return over_; });
  }
}

/// The thread finds the end of what it reads, and closes. It may still answer.
void silence_watch::send_silent_away() {
  const auto latest = clock::now() - patience_;
  for (auto& one : visitors_)
    if (one.is_awaited && one.last <= latest) {
      one.is_awaited = false;
      ::shutdown(one.socket, SHUT_RD);
    }
}

} // namespace moor::http
