// A pool's metrics: which there are, and how they follow from a snapshot. (docs/operations.md)
#pragma once

#include <memory>
#include <string>

#include <prometheus/registry.h>

#include "moor/actors/operation_metrics.hpp"
#include "moor/actors/series.hpp"
#include "moor/messages/figures.hpp"

namespace moor::actors {

/// Writes one pool's figures into a registry, which is all that a scrape reads. Used by one thread
/// at a time; scrapes come on any.
class metrics {
public:
  metrics(const std::shared_ptr<prometheus::Registry>& registry, const std::string& pool);
  ~metrics();
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  /// Brings everything up to date. Counters only ever go up, whatever the snapshot says.
  void update(const pool_snapshot& now);

  /// Nothing is known until the next update. What was counted stays.
  void hide() { series_.unset_all(); }

private:
  void follow_server(const server_view& now);

  pool_series series_;
  operation_metrics operations_;
  std::string server_;         // which one, in a replica set
  maybe_count server_created_; // as the server said last
  std::uint64_t created_seen_ = 0;
};

/// The parts of `metrics::update` that need no more than the snapshot.
void show_pool(pool_series& to, const pool_snapshot& now);   // metrics.cpp
void show_states(pool_series& to, const pool_snapshot& now); // state_metrics.cpp
void show_events(pool_series& to, const pool_snapshot& now); // state_metrics.cpp
void show_parts(pool_series& to, const pool_snapshot& now);  // state_metrics.cpp

} // namespace moor::actors
