// Every setting of one pool, with unit, default and source of the default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "moor/config/allowance.hpp"
#include "moor/config/duration.hpp"
#include "moor/config/secret.hpp"

namespace moor {

/// Named set of defaults: `development` is for a laptop, `production` for a service.
enum class profile : std::uint8_t { development, production };

/// What carries the commands of connections: a thread each, or fibers on few threads.
enum class command_lane : std::uint8_t { threads, fibers };

/// Where event-based actors have the turns in which they get the results of commands: on the
/// workers of CAF's scheduler, or at once on the loop whose fibers carried them out.
enum class borrower_turns : std::uint8_t { scheduler, loop };

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
  /// While nobody answers where a server was lost, the upper bound is at most this share of the
  /// time since then (and no less than 100 ms), so that an outage is not prolonged by more. 0 =
  /// off.
  double reconnect_share = 0.125;
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

/// What a circuit breaker is told to do: `on` opens and closes by itself, `disabled` permits
/// everything and records nothing, `forced_open` refuses everything.
enum class breaker_mode : std::uint8_t { on, disabled, forced_open };

/// Which calls a closed circuit breaker judges: the last `window_size` of them (`count`), or those
/// of the last `window_length` (`time`).
enum class breaker_window : std::uint8_t { count, time };

/// When a circuit breaker stops calls that are likely to fail, and when it tries again. The names
/// are resilience4j's; so are the defaults where nothing else is said.
struct breaker_settings {
  breaker_mode mode = breaker_mode::on;
  /// By count: establishing connections is rare, and a span of time would seldom hold enough of it.
  breaker_window window_type = breaker_window::count;
  /// Calls that are judged when `window_type` is `count`.
  std::uint32_t window_size = 100;
  /// Span that is judged when `window_type` is `time`, sliding in tenths of it. Hystrix's
  /// rollingStats.timeInMilliseconds and numBuckets.
  duration window_length = std::chrono::seconds{10};
  /// Fewer calls in the window are not judged. resilience4j has 100, which establishing would
  /// hardly ever reach; 10 is more than `retry_settings::attempts`, so that a breaker never ends
  /// the attempts of a start.
  std::uint32_t minimum_calls = 10;
  /// Share of failed calls, 0 to 1, at which the breaker opens.
  double failure_rate_threshold = 0.5;
  /// A call that takes longer is slow; 0 = none is. resilience4j has 60 s, but a silent server
  /// fails the call after `settings::socket_timeout` (45 s) already; this is the connect timeout.
  duration slow_call_duration_threshold = std::chrono::seconds{10};
  /// Share of slow calls, 0 to 1, at which the breaker opens.
  double slow_call_rate_threshold = 1.0;
  /// Upper bound of the first wait in open state. resilience4j has 60 s, Hystrix and Polly 5 s; a
  /// database that restarts is back within seconds, and a request refused for 1 s can be repeated
  /// within its wait queue timeout (5 s in production). Waiting longer is what growth is for.
  duration wait_in_open_state = std::chrono::seconds{1};
  /// Factor from one wait's upper bound to the next while probes fail, as for retries. At least 1.
  double wait_multiplier = 2.0;
  /// Cap of the upper bound, as for retries.
  duration longest_wait_in_open_state = std::chrono::seconds{30};
  /// Share of a wait that is random, 0 to 1. Half of it spreads out the probes of many processes;
  /// full jitter would let some probe at once.
  double wait_jitter = 0.5;
  /// Calls permitted in half-open state, which decide. resilience4j has 10; this is the production
  /// profile's `min_pool_size`, more would need connections that are not there yet.
  std::uint32_t permitted_probes = 5;
  /// A probe unanswered for longer has failed; half-open state lasts no longer than this after its
  /// first probe. A probe that takes longer would be a slow call anyway.
  duration probe_deadline = std::chrono::seconds{10};
};

/// How a pool's server is watched, and what makes it degraded. (docs/health.md)
struct health_settings {
  /// Between checks of a server that is well; 0 = no checks, and no connection for them. SDAM
  /// heartbeatFrequencyMS, its default for clients with a connection of their own for it.
  duration interval = std::chrono::seconds{10};
  /// Between checks while it is not well, or not known to be. SDAM minHeartbeatFrequencyMS.
  duration interval_unhealthy = std::chrono::milliseconds{500};
  /// Bad observations in a row that make a state worse. Kubernetes' failureThreshold.
  std::uint32_t failures = 3;
  /// Better observations in a row that make it better again: one more than Kubernetes' 1, so that
  /// a server which answers every other time is not healthy in between.
  std::uint32_t recoveries = 2;
  /// A mean round-trip time above is degraded; 0 = not judged. Far beyond what a healthy way to
  /// another continent takes (0.3 s).
  duration degraded_round_trip_time = std::chrono::seconds{1};
  /// Waiting requests per connection of `settings::max_pool_size` above which it is degraded; 0 =
  /// not judged. About so many operations' times does a new request wait.
  double degraded_waiting_share = 5.0;
  /// A smaller share of the server's connections left is degraded, 0 to 1; 0 = not judged.
  double degraded_connections_left = 0.1;
};

/// Which requests a pool gives up so that others are served (docs/health.md, "Shedding").
struct shedding_settings {
  /// Waiting that an overload is told by, and half of the most that one allows; 0 = requests are
  /// never shed for their waiting. Elixir's DBConnection, `queue_target`.
  duration queue_target = std::chrono::milliseconds{50};
  /// The pool is overloaded when nobody was served within `queue_target` for so long. More than
  /// `queue_target`. RFC 8289 chooses it by the longest usual round trip; here that is an
  /// operation, which may honestly take a second: DBConnection's `queue_interval` is 1 s, this
  /// twice of it.
  duration queue_interval = std::chrono::seconds{2};
  /// While degraded a `normal` request is refused if as many wait as this share of
  /// `settings::wait_queue_limit`, at least one. 0 to 1.
  double degraded_queue_share = 0.10;
  /// Share of `settings::max_pool_size`, rounded down, that others than `critical` do not get while
  /// the pool is degraded or overloaded. 0 (none) to 1.
  double critical_reserve = 0.10;
};

/// How work is attempted again where its request permits that (`retry_options`). The rules and the
/// delays are those of the Client Backpressure specification. (docs/health.md, "Retries")
struct request_retry_settings {
  /// Retries at most as a share of the requests; 0 = none. That specification deposits 0.1 of a
  /// retry for each success; Finagle's RetryBudget permits 0.2 of all requests.
  double budget = 0.20;
  /// Upper bound of the delay before the first retry, doubled for each further one and drawn with
  /// full jitter; a server that is overloaded may name another (baseBackoffMS). BASE_BACKOFF.
  duration first_delay = std::chrono::milliseconds{100};
  /// Cap of the upper bound. MAX_BACKOFF.
  duration longest_delay = std::chrono::seconds{10};
};

/// What is done about a lease that is held too long: `report` says so, `revoke` also takes its
/// connection away.
enum class leak_policy : std::uint8_t { report, revoke };

/// A thing that is done, or not.
enum class toggle : std::uint8_t { off, on };

/// When a lease is a leak, and what is done about it. (docs/observability.md, "Leaks")
struct leak_settings {
  /// A lease held longer is reported; 0 = off. HikariCP's leakDetectionThreshold, which is off
  /// there; its documentation's example is 60 s.
  duration threshold = std::chrono::seconds{60};
  /// Between looks at what is out: a leak is reported so much late at most.
  duration scan_interval = std::chrono::seconds{1};
  leak_policy policy = leak_policy::report;
  /// Time that a borrower who asked to be told has to answer, and that passes between a report and
  /// the revocation.
  duration grace = std::chrono::seconds{10};
  /// Leases revoked within one `grace` at most; others are later. Each one costs a connection.
  std::uint32_t revoke_limit = 5;
  /// Whether each request for a lease records the calls that led to it; about 2 µs each. If any
  /// pool of the process wants it, all requests do.
  toggle stack_traces = toggle::off;
};

/// Where a component shows itself over HTTP. Of a component's pools the first that is started with
/// a non-empty `listen` decides. (docs/observability.md, "HTTP endpoint")
struct endpoint_settings {
  /// `127.0.0.1:9464`, `[::1]:9464`; port 0 = any that is free; empty = nowhere. 9464 is the
  /// port of OpenTelemetry's Prometheus exporter.
  std::string listen;
  /// If not empty, visitors must name it and the password (basic authentication, RFC 7617).
  std::string user;
  /// File whose first line is that password.
  std::string password_file;
  /// PEM file with the certificate and those that lead from it to its authority; empty = without
  /// TLS.
  std::string certificate_file;
  /// PEM file with its private key; empty = in the certificate's file.
  std::string key_file;
  /// Visitors served at once; live pages keep theirs. Others are refused.
  std::uint32_t max_connections = 32;
};

/// The settings of one pool. A plain value: copy it, change it, `validate` it.
/// Defaults are those of the development profile; `settings_for` gives a profile's.
struct settings {
  moor::profile profile = profile::development;
  /// MongoDB connection string. A secret as a whole: assign a text, and print it through `redact`
  /// only. Required.
  shared_secret uri;
  /// File that holds the connection string, and file that holds the password of its user; empty if
  /// none does. `load_settings` and `read_secret_files` read them into `uri`; nothing else does.
  std::string uri_file;
  std::string password_file;
  /// Exceptions from what the production profile demands.
  allowances allow;
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
  /// Where `command` and pings are carried out. `run` has threads with either.
  command_lane lane = command_lane::fibers;
  /// `loop` wakes no worker for a result, but a handler that blocks then blocks all of the pool's
  /// connections; one that waits for the pool itself, for 10 s beyond its own timeout or, without
  /// one, for ever. No effect with `command_lane::threads`, and on the results of `run`.
  borrower_turns turns = borrower_turns::scheduler;
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
  /// After a change of what connections are made by (credentials, certificates, timeouts), those
  /// made before are replaced one after the other, and what is left of them after this is closed
  /// when next met. Twice what 50 connections take at a second each, two at a time.
  duration rotation_period = std::chrono::seconds{60};
  /// A connection idle for longer is pinged before it is handed out (HikariCP's 500 ms).
  duration check_after_idle = std::chrono::milliseconds{500};
  /// Idle connections are pinged this often; 0 = off.
  duration keepalive = duration::zero();
  /// Interval of the statistics line in the log; 0 = off.
  duration statistics_interval = std::chrono::seconds{60};
  /// Requests that wait longer while every connection is in use are reported; 0 = off. Twice
  /// `shedding_settings::queue_target`: what an overload allows is not worth a line.
  duration saturation_threshold = std::chrono::milliseconds{100};
  /// A command that takes longer is logged as slow, unless its request says otherwise; 0 = none is.
  /// MongoDB's own slowms.
  duration slow_query_threshold = std::chrono::milliseconds{100};
  /// Between the exporter's looks at the pool: metrics and the live page are so old at most; 0 = no
  /// metrics. A look costs about 0.1 ms; Prometheus scrapes every 15 s to 60 s.
  duration metrics_interval = std::chrono::seconds{1};

  retry_settings retry;
  restart_settings restart;
  /// Of each of the pool's circuit breakers: the one over establishing and the one over operations.
  breaker_settings breaker;
  health_settings health;
  shedding_settings shedding;
  request_retry_settings request_retry;
  leak_settings leaks;
  endpoint_settings endpoint;
};

/// The defaults of a profile (its `uri` stays empty).
settings settings_for(profile which);

/// "production" or "development".
std::string_view to_string(profile which) noexcept;

/// "on", "disabled" or "forced_open".
std::string_view to_string(breaker_mode mode) noexcept;

/// "count" or "time".
std::string_view to_string(breaker_window window) noexcept;

/// "report" or "revoke".
std::string_view to_string(leak_policy policy) noexcept;

/// "threads" or "fibers".
std::string_view to_string(command_lane value) noexcept;

/// "scheduler" or "loop".
std::string_view to_string(borrower_turns value) noexcept;

/// "off" or "on".
std::string_view to_string(toggle value) noexcept;

} // namespace moor
