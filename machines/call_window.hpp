// The calls that a circuit breaker judges: the last so many, or those of the last time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "moor/config/settings.hpp"

namespace moor::machines {

/// A call may be both failed and slow.
struct call_counts {
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;
  std::uint64_t slow = 0;

  void add(bool has_failed, bool was_slow) noexcept {
    ++calls;
    failed += has_failed ? 1 : 0;
    slow += was_slow ? 1 : 0;
  }

  friend bool operator==(const call_counts&, const call_counts&) = default;
};

/// The last `size` calls, one byte each.
class last_calls {
public:
  explicit last_calls(std::size_t size) : size_(size > 0 ? size : 1) {}

  void record(bool failed, bool slow);
  const call_counts& counts() const noexcept { return counts_; }
  void clear();

private:
  std::size_t size_;
  std::vector<std::uint8_t> calls_; // at most `size_`, then a ring
  std::size_t oldest_ = 0;          // of a full ring
  call_counts counts_;
};

/// The calls of the last `length`, in tenths of it: a call leaves between 9/10 and 10/10 of
/// `length` after it came. Only sums are kept, however many calls there are.
class last_time {
public:
  explicit last_time(duration length);

  void record(bool failed, bool slow, instant now);
  call_counts counts(instant now) const;
  void clear() { tenths_ = {}; }

private:
  struct tenth {
    std::int64_t number = 0; // since the clock's epoch
    call_counts counts;
  };

  std::int64_t number_at(instant now) const { return now.time_since_epoch() / width_; }

  duration width_;
  std::array<tenth, 10> tenths_; // each at its number modulo 10
};

/// One of the two, as the settings say. Time never goes back between calls. One thread at a time.
class call_window {
public:
  explicit call_window(const breaker_settings& policy);

  void record(bool failed, bool slow, instant now);
  call_counts counts(instant now) const;
  void clear();

private:
  std::variant<last_calls, last_time> window_;
};

} // namespace moor::machines
