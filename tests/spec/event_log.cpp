#include "spec/event_log.hpp"

#include <algorithm>

namespace moor::test::spec {

void event_log::append(const pool_events& batch) {
  const std::lock_guard guard{mutex_};
  dropped_ += batch.dropped;
  events_.insert(events_.end(), batch.events.begin(), batch.events.end());
  arrived_.notify_all();
}

bool event_log::wait_for(event_type type, std::size_t count, time_point until,
                         const std::stop_token& stop) {
  const auto enough = [&] {
    const auto seen = std::count_if(events_.begin(), events_.end(),
                                    [&](const pool_event& e) { return e.type == type; });
    return static_cast<std::size_t>(seen) >= count;
  };
  std::unique_lock guard{mutex_};
  return arrived_.wait_until(guard, stop, until, enough);
}

std::size_t event_log::size() const {
  const std::lock_guard guard{mutex_};
  return events_.size();
}

std::uint64_t event_log::dropped() const {
  const std::lock_guard guard{mutex_};
  return dropped_;
}

std::vector<pool_event> event_log::events() const {
  const std::lock_guard guard{mutex_};
  return events_;
}

} // namespace moor::test::spec
