// A component's /stats as far as `moorctl top` shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moor::ctl {

/// How often something took how long, since the pool began.
struct timing {
  std::uint64_t count = 0;
  double total_ms = 0;
  double longest_ms = 0;
};

struct operation_row {
  std::string name;
  timing succeeded;
  timing failed;
  std::uint64_t slow = 0;
};

/// A lease that is out.
struct lease_row {
  std::uint64_t lease = 0;
  std::uint64_t connection = 0;
  std::string use;
  std::string operation;
  std::string borrower;
  std::string where;
  double held_ms = 0;
};

/// One pool. Texts are `harmless`; what the component did not say is 0 or empty. Times since 1970
/// are the component's.
struct pool_figures_row {
  std::string name;
  std::string address;
  std::int64_t at_unix_ms = 0;
  std::int64_t began_unix_ms = 0;
  bool answers = false;
  std::string health;
  std::vector<std::string> causes;
  bool read_only = false;
  std::string phase;
  std::uint64_t generation = 0;
  std::uint64_t total = 0, in_use = 0, available = 0, pending = 0, checking = 0, closing = 0;
  std::uint64_t min_size = 0, max_size = 0, waiting = 0;
  std::uint64_t granted = 0, timed_out = 0, refused = 0, shed = 0, retried = 0, errors = 0;
  std::uint64_t reconnections = 0, restarts = 0;
  std::string last_error;
  std::int64_t last_error_unix_ms = 0;
  double oldest_wait_ms = 0;
  timing wait_time, use_time, create_time;
  double round_trip_mean_ms = 0;
  std::optional<std::uint64_t> server_connections, server_available;
  std::string operations_breaker, establishing_breaker;
  std::uint64_t leaks_now = 0, leaks_suspected = 0;
  std::vector<operation_row> operations;
  std::vector<lease_row> leases; ///< the oldest first
};

struct stats {
  std::int64_t now_unix_ms = 0;
  std::vector<pool_figures_row> pools;
};

/// Reads a component's answer; nothing if it is none. Fields that are missing or of another type
/// are left as they are, so that a component of another version can be watched.
std::optional<stats> read_stats(std::string_view text);

} // namespace moor::ctl
