// All that is known of a pool at one moment: what metrics and the live page are made of.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/messages/breaker.hpp"
#include "moor/messages/causes.hpp"
#include "moor/messages/events.hpp"
#include "moor/messages/health.hpp"
#include "moor/messages/ids.hpp"
#include "moor/messages/leases.hpp"
#include "moor/messages/operations.hpp"
#include "moor/messages/stats.hpp"

namespace moor {

/// How often something happened in a pool since it began; never goes back.
struct event_count {
  event_type type = event_type::pool_created;
  event_reason reason = event_reason::none;
  std::uint64_t count = 0;
};

/// The states of a connection; `checking` (being pinged) is moor's own, the others are CMAP's.
enum class connection_state : std::uint8_t { pending, available, checking, in_use };

/// "pending", "available", "checking" or "in_use".
std::string_view to_string(connection_state state) noexcept;

struct connection_view {
  connection_id connection = 0;
  connection_state state = connection_state::pending;
  std::uint64_t generation = 0;
  duration age{0};    ///< since it was ordered
  lease_id lease = 0; ///< who holds it; 0 if nobody does
};

struct breaker_change {
  breaker_scope scope = breaker_scope::operations;
  breaker_changed change;
  std::int64_t at_unix_ms = 0;
};

/// Turns that results on the loop brought their borrowers, with `borrower_turns::loop`; a total.
struct turn_figures {
  std::uint64_t on_loop = 0;
  std::uint64_t on_scheduler = 0; ///< there was no time for them on the loop
};

/// What a pool supervisor knows. Histories have at most 25 entries, the newest last.
struct pool_view {
  pool_stats stats;
  std::vector<event_count> events;
  duration_figures create_time; ///< of connections, from their order to their readiness
  duration_figures wait_time;   ///< of requests that were granted a connection
  duration_figures use_time;    ///< of leases that ended, whatever they were for
  /// Of `stats.attempts` those that failed, by `failure_cause`; never go back.
  std::array<std::uint64_t, failure_causes> establish_failures{};
  duration oldest_wait{0};                  ///< of the requests that wait now
  std::vector<connection_view> connections; ///< in order of creation
  std::vector<lease_record> leases;         ///< the oldest first
  breaker_figures operations_breaker;
  std::vector<breaker_change> breaker_history;
  operations_report operations;
  turn_figures turns;
};

/// A part of moor, as its supervisor sees it.
struct part_view {
  std::string name;
  bool runs = false; ///< not while it waits for its restart
  std::uint64_t restarts = 0;
  std::uint64_t waiting = 0; ///< messages in its inbox
};

struct restart_note {
  std::string part;
  std::string cause;
  std::int64_t at_unix_ms = 0;
};

/// Attempts to put other settings into force, by outcome; never goes back.
struct reload_figures {
  std::uint64_t applied = 0;
  std::uint64_t unchanged = 0;   ///< there was nothing to change
  std::uint64_t invalid = 0;     ///< the settings do not hold
  std::uint64_t unreachable = 0; ///< no connection could be established with them
  std::uint64_t refused = 0;     ///< for the pool's state, or because too many waited
  std::uint64_t generation = 1;  ///< of the settings in force: one more for each `applied`
};

/// A setting in force, fit to be shown.
struct setting_view {
  std::string key;
  std::string value;  ///< secrets redacted
  std::string source; ///< "environment variable DB_POOL_SIZE"
};

/// One pool with all its parts at one moment. A part that did not answer has left its figures of
/// before.
struct pool_snapshot {
  std::string pool;
  std::string address; ///< of its server, without credentials
  std::int64_t at_unix_ms = 0;
  std::int64_t began_unix_ms = 0;
  duration interval{0};      ///< between two of them, unless somebody watches
  bool pool_answers = false; ///< whether the pool supervisor answered in time
  pool_view view;
  health_report health;
  breaker_figures establishing_breaker;
  leaks_report leaks;
  std::vector<part_view> parts;
  std::vector<restart_note> restarts; ///< at most 25, the newest last
  std::vector<setting_view> settings;
  reload_figures reloads;
};

} // namespace moor
