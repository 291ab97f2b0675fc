// Every setting of one pool, with unit, default and source of the default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "moor/config/duration.hpp"

namespace moor {

/// Named set of defaults: `development` is for a laptop, `production` for a service.
enum class profile : std::uint8_t { development, production };

/// When and how often establishing a connection is retried
/// (exponential backoff with full jitter: a delay is uniform in [0, min(longest, first *
/// multiplier^n)]).
struct retry_settings {
  /// Attempts of the initial phase; when all failed, the start fails. At least 1.
  std::uint32_t attempts = 5;
  /// Upper bound of the delay after the first failure.
  duration first_delay = std::chrono::seconds{1};
  /// Factor from one upper bound to the next. At least 1.
  double multiplier = 2.0;
  /// Cap of the upper bound; reconnection goes on at this delay without end.
  duration longest_delay = std::chrono::seconds{30};
  /// Share of the delay that is random, 0 (none) to 1 (full jitter).
  double jitter = 1.0;
};

/// When a part of moor that died is started again, and when its supervisor gives up (Erlang's
/// "restart intensity").
struct restart_settings {
  /// Restarts of all parts of one pool within `period`; one more ends the pool. 0 = none.
  std::uint32_t most = 10;
  duration period = std::chrono::seconds{60};
  /// Delay before the second restart within the period, doubled for each further one; the first
  /// comes at once.
  duration first_delay = std::chrono::milliseconds{5};
  /// Cap of the delay. Requests wait meanwhile, and their deadlines are seen this much late.
  duration longest_delay = std::chrono::milliseconds{20};
};

/// The settings of one pool. A plain value: copy it, change it, `validate` it.
/// Defaults are those of the development profile; `settings_for` gives a profile's.
struct settings {
  moor::profile profile = profile::development;
  /// MongoDB connection string. A secret as a whole: print it through `redact` only. Required.
  std::string uri;
  /// Name under which the pool is found; 1 to 10 letters, digits or underscores (a CAF atom).
  std::string name = "default";
  /// Application name sent in the handshake; at most 128 bytes (MongoDB Handshake specification).
  std::string app_name = "moor";

  /// Connections at most, in use ones included; 0 is refused (moor has no unlimited pool). CMAP
  /// maxPoolSize.
  std::size_t max_pool_size = 10;
  /// Connections kept established in the background. CMAP minPoolSize.
  std::size_t min_pool_size = 2;
  /// Connections being established at once. CMAP maxConnecting, its default.
  std::size_t max_connecting = 2;
  /// Requests that may wait at once; the next one is refused with `queue_full`.
  std::size_t wait_queue_limit = 10'000;

  /// An available connection unused for longer is closed; 0 = never. CMAP maxIdleTimeMS.
  duration max_idle_time = std::chrono::seconds{300};
  /// How long a request waits for a connection unless it says otherwise. CMAP waitQueueTimeoutMS.
  duration wait_queue_timeout = std::chrono::seconds{10};
  /// Dial, TLS and handshake of one connection, together. URI options connectTimeoutMS.
  duration connect_timeout = std::chrono::seconds{10};
  /// Silence of the server in the middle of an operation. URI option socketTimeoutMS.
  duration socket_timeout = std::chrono::seconds{45};
  /// Search for a suitable server inside one client. URI option serverSelectionTimeoutMS.
  duration server_selection_timeout = std::chrono::seconds{5};
  /// Age at which a connection is closed when next met; 0 = none.
  duration max_lifetime = std::chrono::minutes{30};
  /// Share of `max_lifetime` by which a connection may expire earlier, 0 to 1, drawn per
  /// connection.
  double max_lifetime_jitter = 0.10;
  /// A connection idle for longer is pinged before it is handed out (HikariCP's 500 ms).
  duration check_after_idle = std::chrono::milliseconds{500};
  /// Idle connections are pinged this often; 0 = off.
  duration keepalive = duration::zero();
  /// Interval of the statistics line in the log; 0 = off.
  duration statistics_interval = std::chrono::seconds{60};
  /// A lease held longer is reported as a leak; 0 = off.
  duration leak_threshold = std::chrono::seconds{60};

  retry_settings retry;
  restart_settings restart;
};

/// The defaults of a profile (its `uri` stays empty).
settings settings_for(profile which);

/// "production" or "development".
std::string_view to_string(profile which) noexcept;

} // namespace moor
