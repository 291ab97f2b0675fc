// Snapshots as JSON: for /stats, for the live page, and for readiness.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "moor/messages/figures.hpp"

namespace moor::http {

using snapshots = std::vector<std::shared_ptr<const pool_snapshot>>;
using texts = std::vector<std::shared_ptr<const std::string>>;

/// All that a snapshot holds, in one line. Spans are milliseconds, under keys that end in `_ms`;
/// points in time are milliseconds since 1970, under keys that end in `_unix_ms`. What is not UTF-8
/// is replaced.
std::string snapshot_json(const pool_snapshot& pool);

/// /stats: snapshots as JSON, the time, and the bounds of the classes of durations.
std::string stats_json(const texts& pools, std::int64_t now_unix_ms);

/// Whether a pool serves: it answered the last look, which was lately, is healthy or degraded, and
/// ready.
bool is_ready(const pool_snapshot& pool, std::int64_t now_unix_ms) noexcept;

/// Whether there is a pool and all are ready, and each pool's state with its causes.
std::string readiness_json(const snapshots& pools, std::int64_t now_unix_ms);

} // namespace moor::http
