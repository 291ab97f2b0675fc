// What happened in a pool so far, by number and by time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "moor/messages/figures.hpp"

namespace moor::machines {

/// Counts a pool's events. Costs a few nanoseconds each, and needs no memory of its own.
class pool_figures {
public:
  void on(const pool_event& event);

  /// A lease ended without being checked in.
  void cut_off(duration used) { use_time_.add(used); }

  /// Those that happened at all.
  std::vector<event_count> events() const;
  const duration_figures& create_time() const noexcept { return create_time_; }
  const duration_figures& wait_time() const noexcept { return wait_time_; }
  const duration_figures& use_time() const noexcept { return use_time_; }

private:
  static constexpr auto types = static_cast<std::size_t>(event_type::breaker_changed) + 1;
  static constexpr auto reasons = static_cast<std::size_t>(event_reason::shed) + 1;

  std::array<std::array<std::uint64_t, reasons>, types> counts_{};
  duration_figures create_time_;
  duration_figures wait_time_;
  duration_figures use_time_;
};

} // namespace moor::machines
