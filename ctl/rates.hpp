// What happened between two snapshots of one pool.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "moor/ctl/stats.hpp"

namespace moor::ctl {

/// The latest snapshots, the newest last; bounded.
class stats_history {
public:
  /// Enough for rates over a second where the component looks at its pools four times in one.
  static constexpr std::size_t most = 8;

  void add(stats latest);
  void clear() { kept_.clear(); }

  bool empty() const noexcept { return kept_.empty(); }
  const stats& latest() const { return kept_.back(); } ///< not of an empty one

  /// That pool as it was a second before its latest figures or, if that is not known, as long
  /// before as is. Null if there is none of the same run of the pool.
  const pool_figures_row* before(const pool_figures_row& now) const;

private:
  std::deque<stats> kept_;
};

/// How often per second `member` grew between two views of a pool; nothing if no time passed or the
/// count went back.
std::optional<double> rate_of(std::uint64_t then, std::uint64_t now, std::int64_t elapsed_ms);

/// The mean of what was timed between two snapshots; of all if `then` is null; nothing if nothing
/// was.
std::optional<double> mean_ms(const timing* then, const timing& now);

/// The operation of that name in an earlier view; null if it was not there.
const operation_row* find_operation(const pool_figures_row* in, std::string_view name);

} // namespace moor::ctl
