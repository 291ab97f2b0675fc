// The log lines about a pool's health and about establishing connections.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "moor/config/duration.hpp"
#include "moor/machines/line_limiter.hpp"
#include "moor/messages/errors.hpp"
#include "moor/messages/health.hpp"
#include "moor/messages/log.hpp"

namespace moor::actors {

/// Says how a pool's state of health changed: a warning if for the worse, info if it was bad and is
/// better, debug if the pool began or ended in good order. A state that keeps changing has ten
/// lines at once, then one in ten seconds, which says how many there were not. Used on its actor's
/// thread only.
class health_log {
public:
  health_log(std::string pool, logger log) : pool_(std::move(pool)), log_(std::move(log)) {}

  /// `pool="default" event=health_changed from=healthy to=unavailable cause="db:27017: refused"
  /// suppressed=0`.
  void changed(const health_change& what, instant now);

private:
  std::string pool_;
  logger log_;
  machines::line_limiter limit_{10, std::chrono::seconds{10}};
};

/// Says that connections cannot be established, once for each row of failures and each other cause
/// in it, and that they can again. Limited as `health_log`. Used on its actor's thread only.
class establishing_log {
public:
  establishing_log(std::string pool, logger log) : pool_(std::move(pool)), log_(std::move(log)) {}

  /// `pool="default" event=establishing_failed cause="connect_failed: db:27017: refused"
  /// suppressed=0`.
  void failed(const failure& why, instant now);

  /// `pool="default" event=establishing_recovered failures=7 lasted_ms=18000`, after a row that was
  /// told of.
  void worked(instant now);

private:
  std::string pool_;
  logger log_;
  machines::line_limiter limit_{10, std::chrono::seconds{10}};
  std::uint64_t failures_ = 0; // in a row
  instant since_{};            // the first of them was
  std::string said_;           // of this row
};

} // namespace moor::actors
