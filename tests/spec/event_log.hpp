// All events of one pool, in order, as they arrive.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "moor/messages/events.hpp"
#include "spec/test_file.hpp"

namespace moor::test::spec {

using time_point = std::chrono::steady_clock::time_point;

/// Any thread.
class event_log {
public:
  void append(const pool_events& batch);

  /// Blocks until the event has occurred `count` times since the start of the test. False if it has
  /// not by `until`, or when a stop is requested.
  bool wait_for(event_type type, std::size_t count, time_point until, const std::stop_token& stop);

  std::size_t size() const;

  /// Events that were lost on the way; there must be none.
  std::uint64_t dropped() const;

  std::vector<pool_event> events() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::vector<pool_event> events_;
  std::uint64_t dropped_ = 0;
};

} // namespace moor::test::spec
