// What a borrower can ask of a pool, and what it gets. `messages/actors.hpp` lists which answers
// which.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "moor/config/duration.hpp"
#include "moor/messages/call_site.hpp"
#include "moor/messages/document.hpp"
#include "moor/messages/ids.hpp"

struct _mongoc_client_t;

namespace moor {

/// Orders the wait queue; within one priority requests are served in order of arrival.
enum class priority : std::uint8_t { critical, normal, background };

/// Whether `run` and `command` may be attempted again. (docs/health.md, "Retries")
struct retry_options {
  /// The caller's word that doing the work twice does no harm, even at the same time: it may have
  /// been done before an attempt failed, and a function whose connection was cut may still be at it
  /// when the next attempt begins. Without it there is one attempt.
  bool idempotent = false;
  /// Attempts in all, 1 to `most_attempts`.
  std::uint32_t attempts = 1;
};

/// Upper bound of `retry_options::attempts`.
inline constexpr std::uint32_t most_attempts = 10;

/// What `acquire`, `run` and `command` have in common.
struct request_options {
  /// Name of the operation for logs, metrics and leak reports: a constant, at most 128 bytes.
  std::string operation = "unnamed";
  /// From arrival to answer; 0 = the pool's wait queue timeout. Of `run` and `command` it bounds
  /// waiting and working together. At most `longest_timeout`.
  duration timeout{0};
  moor::priority level = moor::priority::normal;
  /// The same bound as a point on this machine's monotonic clock (nanoseconds since its epoch), so
  /// that time spent in mailboxes counts; 0 = none. `moor/runtime/ask.hpp` fills it in.
  duration not_after{0};
  /// Of `run` and `command` without a lease; all attempts together are bounded by `timeout`.
  retry_options retry = {};
  /// It writes nothing: it is served also while no member of a replica set takes writes, and reads
  /// at secondaries then. moor does not look whether that is true.
  bool read_only = false;
  /// Commands that take longer are logged as slow; 0 = the pool's `slow_query_threshold`,
  /// `longest_timeout` = none is.
  duration slow_after{0};
};

/// Upper bound of any timeout in a request.
inline constexpr duration longest_timeout = std::chrono::hours{24};

/// Answered with a `lease`.
struct acquire {
  request_options options;
  /// For change streams and other work that holds its connection long by intent.
  bool dedicated = false;
  /// Held longer, the lease is reported as a leak; 0 = the pool's `leak_threshold`. At most
  /// `longest_timeout`.
  duration leak_after{0};
  /// The asker is sent `lease_overdue` before that, and may extend the lease or return it.
  bool tell_when_overdue = false;
  /// Where it is asked for; `moor/runtime/ask.hpp` fills it in.
  call_site where = {};
};

/// The value a function handed to `run` returned, whatever its type.
class run_result {
public:
  run_result() = default;
  explicit run_result(std::any value) noexcept : value_(std::move(value)) {}

  /// The value. Throws std::bad_any_cast if it is of another type.
  template <class T>
  T take() {
    return std::any_cast<T>(std::move(value_));
  }

  bool has_value() const noexcept { return value_.has_value(); }

private:
  std::any value_;
};

/// A function of the connection's client; it runs on a thread where it may block.
/// It must not keep the client. What it throws becomes the error answer: see `moor/mongo/use.hpp`.
using work = std::function<run_result(_mongoc_client_t&)>;

/// Answered with a `run_result`. With a lease, on that lease's connection; otherwise on any.
struct run {
  request_options options;
  work function;
  lease_id lease = 0;
  std::string borrower = {}; ///< the asker's name, as `call_site::borrower`
};

/// Answered with the server's reply as a `document`. With a lease, on that lease's connection.
struct command {
  request_options options;
  std::string database;
  document body;
  lease_id lease = 0;
  std::string borrower = {}; ///< the asker's name, as `call_site::borrower`
};

/// Establishes connections until `count` stand, in use ones included. Answered with `warmed`.
struct warm {
  std::uint64_t count = 0;
  duration timeout{0}; ///< 0 = the pool's wait queue timeout
};
struct warmed {
  std::uint64_t established = 0;
};

/// Makes every connection so far stale and pauses the pool until the server is seen again. (CMAP)
struct clear {
  bool interrupt_in_use = false;
};

/// Grants nothing new, waits for the leases out, then closes. Answered with `drained`.
struct drain {
  duration deadline{0}; ///< after which leases still out are cut off; 0 = at once
};
struct drained {
  std::uint64_t returned = 0; ///< leases that came back by themselves
  std::uint64_t cut_off = 0;  ///< leases that were interrupted
};

/// Closes the pool for good; leases out stay usable and are closed when they return. (CMAP)
struct close_pool {};

/// Answered with `pool_stats`.
struct get_stats {};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retry_options& x) {
  return f(x.idempotent, x.attempts);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, request_options& x) {
  return f(x.operation, x.timeout, x.level, x.not_after, x.retry, x.read_only, x.slow_after);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, acquire& x) {
  return f(x.options, x.dedicated, x.leak_after, x.tell_when_overdue, x.where);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, command& x) {
  return f(x.options, x.database, x.body, x.lease, x.borrower);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, warm& x) {
  return f(x.count, x.timeout);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, warmed& x) {
  return f(x.established);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, clear& x) {
  return f(x.interrupt_in_use);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain& x) {
  return f(x.deadline);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drained& x) {
  return f(x.returned, x.cut_off);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, close_pool&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_stats&) {
  return f();
}

} // namespace moor
