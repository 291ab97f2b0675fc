// The actors' typed interfaces and the messages they exchange among themselves.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include "moor/messages/breaker.hpp"
#include "moor/messages/errors.hpp"
#include "moor/messages/events.hpp"
#include "moor/messages/figures.hpp"
#include "moor/messages/health.hpp"
#include "moor/messages/lease.hpp"
#include "moor/messages/leases.hpp"
#include "moor/messages/operations.hpp"
#include "moor/messages/pool_fwd.hpp"
#include "moor/messages/reload.hpp"
#include "moor/messages/requests.hpp"
#include "moor/messages/stats.hpp"

namespace moor::mongo {
class connection;
class driver;
} // namespace moor::mongo

namespace moor {

/// Asks for the pool's events; they come in batches, each of which must be answered (a handler that
/// returns nothing does so) before the next is sent. A slow subscriber is told how many it missed.
struct subscribe {
  caf::actor subscriber;
};
struct unsubscribe {
  caf::actor subscriber;
};

/// Asks for changes of the pool's state of health, as `health_changed`.
struct subscribe_health {
  caf::actor subscriber;
};
struct unsubscribe_health {
  caf::actor subscriber;
};

/// lease → pool: the borrower is done with it.
struct lease_returned {
  lease_id lease = 0;
  std::optional<failure> why; ///< set if the connection met an error
};

// -- pool supervisor ↔ connection -----------------------------------------------------------------

/// Work for a connection: at most one of a lease at a time.
struct job {
  lease_id lease = 0;
  std::uint64_t number
    = 0; ///< of the job within its pool; an answer with another number is outdated
  std::variant<run, command> what;
};
struct job_done {
  connection_id connection = 0;
  lease_id lease = 0;
  std::uint64_t number = 0;
  std::variant<run_result, document, failure> result;
  /// The worst the connection met meanwhile, even if the function swallowed it.
  std::optional<failure> spoilt_by;
};
/// Ping before use, or to keep alive.
struct check_connection {
  duration timeout{0};
};
struct check_done {
  connection_id connection = 0;
  std::optional<failure> why; ///< set if the ping failed
};
/// Establish now; sent by the connector.
struct dial {};
/// Close the socket and end. Brings back the sender's share of the connection, so that the last one
/// goes away on the connection's own thread, where closing may block.
struct hang_up {
  std::shared_ptr<mongo::connection> handle;
};

/// Look at the server: ping, `hello` and `serverStatus`; sent by the health monitor.
struct examine {
  duration timeout{0};
};
struct examined {
  connection_id connection = 0;
  std::variant<server_view, failure> what;
};

/// Answers (`dialled`, `job_done`, `check_done`, `examined`) go as messages to whoever sent the
/// order.
using connection_actor
  = caf::typed_actor<caf::reacts_to<dial>, caf::reacts_to<job>, caf::reacts_to<check_connection>,
                     caf::reacts_to<examine>, caf::reacts_to<hang_up>>;

// -- pool supervisor ↔ connector ------------------------------------------------------------------

/// connection → connector: how dialling ended.
struct dialled {
  connection_id connection = 0;
  std::optional<failure> why; ///< set if it failed
  bool read_only = false;     ///< no member that takes writes was found
};
/// pool → connector: make this connection.
struct establish {
  connection_id connection = 0;
};
/// pool → connector: it is no longer wanted.
struct abandon {
  connection_id connection = 0;
};
/// pool → connector: the pool was cleared; look for the server and ready the pool again.
struct pool_paused {};
/// What the connector counted so far; part of its every report.
struct connector_counters {
  std::uint64_t attempts = 0;
  std::uint64_t reconnections = 0;
  std::uint64_t errors = 0;
  /// Of these, by `failure_cause`.
  std::array<std::uint64_t, failure_causes> by_cause{};
  std::string last_error;
  std::chrono::system_clock::time_point last_error_at{};
};
/// connector → pool.
struct established {
  connection_id connection = 0;
  connection_actor actor;
  std::shared_ptr<mongo::connection> handle;
  connector_counters counters;
  bool read_only = false; ///< no member that takes writes was found
};
struct establishing_failed {
  connection_id connection = 0;
  failure why;
  connector_counters counters;
};
struct server_found {
  bool again = false; ///< it had been lost
  connector_counters counters;
  bool read_only = false; ///< no member that takes writes was found
};
struct server_lost {
  failure why;
  connector_counters counters;
  bool still = false; ///< it was said before, for another reason
};
/// connector → pool: the breaker before establishing changed its state.
struct breaker_moved {
  breaker_changed change;
};
/// runtime → connector: find the server, at most the configured attempts; then ready the pool.
struct connect {};
struct connected {
  std::uint64_t attempts = 0;
};
/// An actor's own timer; a number that is not the latest is outdated.
struct tick {
  std::uint64_t number = 0;
};
/// An address → the actor that reads there: there is something for you.
struct wake {
  bool command = false; ///< the first of it is a `command`
  bool result = false;  ///< the first of it is a `job_done`
};
/// supervisor → pool: the connector's address.
struct use_connector;

// -- pool supervisor ↔ health monitor -------------------------------------------------------------

/// monitor → pool: say how you are; answered with `pool_news`, which also comes at every change of
/// the pool's phase.
struct report_to_monitor {};
/// monitor → pool: clear yourself, unless you did so since that generation.
struct server_doubted {
  failure why;
  std::uint64_t generation = 0;
};
/// monitor → pool: the state of health, for the texts of errors.
struct health_note {
  health_state state = health_state::starting;
  instant since{};
  std::string cause;
  health_history history; ///< the latest changes, the newest last
};
/// → monitor: one of the pool's circuit breakers changed its state.
struct breaker_news {
  breaker_scope breaker = breaker_scope::operations;
  breaker_changed change;
};
/// supervisor → pool: the monitor's address.
struct use_monitor;

// -- pool supervisor ↔ leak detector --------------------------------------------------------------

/// supervisor → pool: the leak detector's address.
struct use_leak_detector;

// -- the metrics exporter -------------------------------------------------------------------------

/// exporter → pool: all that you know; answered with `pool_view`.
struct get_view {};
/// exporter → supervisor: how the parts are; answered with `parts_view`.
struct get_parts_view {};
struct parts_view {
  std::vector<part_view> parts;
  std::vector<restart_note> restarts; ///< at most 25, the newest last
  reload_figures reloads;
};
/// supervisor → exporter and pool: its address.
struct use_supervisor;
/// board → exporter: somebody began to watch, and the figures may be old.
struct look_soon {};

// -- other settings ------------------------------------------------------------------------------

/// supervisor → trial: begin.
struct try_settings {};
/// trial → supervisor: whether a connection could be established with the new settings.
struct settings_tried {
  std::uint64_t number = 0; ///< of the trial
  /// Absent if it failed.
  std::shared_ptr<mongo::driver> driver;
  bool other_servers = false;    ///< they name others than before; tried at those of before
  bool other_driver = false;     ///< than the one in force
  failure why;                   ///< if it failed
  bool while_connecting = false; ///< it failed at the server, not before
};
/// supervisor → itself: a trial takes too long, or has not ended though its connection was cut.
struct trial_overdue {
  std::uint64_t number = 0;
  bool cut = false;
};

// -- supervision ----------------------------------------------------------------------------------

/// What runs now, for operators and tests of failures.
struct get_parts {};
struct part_info {
  std::string name;
  caf::actor actor; ///< null while it waits for its restart
  std::uint64_t restarts = 0;
};
using parts = std::vector<part_info>;
/// supervisor → pool: a part was restarted.
struct part_restarted {};
/// supervisor → itself: the delay before a restart is over.
struct start_part {
  std::size_t index = 0;
  bool in_the_middle = false;
};

/// `get_parts` lists its connections.
using pool_supervisor_actor = pool_actor::extend<
  caf::replies_to<connect>::with<connected>, caf::replies_to<get_parts>::with<parts>,
  caf::reacts_to<job_done>, caf::reacts_to<check_done>, caf::reacts_to<established>,
  caf::reacts_to<establishing_failed>, caf::reacts_to<server_found>, caf::reacts_to<server_lost>,
  caf::reacts_to<breaker_moved>, caf::reacts_to<slow_command>, caf::reacts_to<use_connector>,
  caf::reacts_to<use_monitor>, caf::reacts_to<report_to_monitor>, caf::reacts_to<server_doubted>,
  caf::reacts_to<use_leak_detector>, caf::reacts_to<use_supervisor>, caf::reacts_to<reconfigure>,
  caf::replies_to<get_view>::with<pool_view>, caf::reacts_to<call_the_roll>,
  caf::reacts_to<tell_borrower>, caf::reacts_to<revoke_lease>, caf::reacts_to<health_note>,
  caf::reacts_to<part_restarted>, caf::reacts_to<wake>, caf::reacts_to<tick>>;

using connector_actor
  = caf::typed_actor<caf::replies_to<connect>::with<connected>, caf::reacts_to<establish>,
                     caf::reacts_to<abandon>, caf::reacts_to<pool_paused>, caf::reacts_to<dialled>,
                     caf::replies_to<get_breaker>::with<breaker_figures>,
                     caf::reacts_to<set_breaker>, caf::reacts_to<reconfigure>, caf::reacts_to<wake>,
                     caf::reacts_to<tick>>;

using monitor_actor = caf::typed_actor<
  caf::replies_to<get_health>::with<health_report>, caf::replies_to<is_healthy>::with<bool>,
  caf::reacts_to<subscribe_health>, caf::reacts_to<unsubscribe_health>, caf::reacts_to<pool_news>,
  caf::reacts_to<breaker_news>, caf::reacts_to<dialled>, caf::reacts_to<examined>,
  caf::reacts_to<reconfigure>, caf::reacts_to<wake>, caf::reacts_to<tick>>;

using leak_detector_actor
  = caf::typed_actor<caf::replies_to<get_leaks>::with<leaks_report>, caf::reacts_to<lease_roll>,
                     caf::reacts_to<reconfigure>, caf::reacts_to<wake>, caf::reacts_to<tick>>;

using exporter_actor = caf::typed_actor<caf::reacts_to<use_supervisor>, caf::reacts_to<look_soon>,
                                        caf::reacts_to<reconfigure>, caf::reacts_to<show_settings>,
                                        caf::reacts_to<wake>, caf::reacts_to<tick>>;

/// Ends with its parts when it is sent an exit message.
using supervisor_actor = caf::typed_actor<
  caf::replies_to<get_parts>::with<parts>, caf::replies_to<get_parts_view>::with<parts_view>,
  caf::replies_to<reload>::with<reload_report>, caf::reacts_to<settings_tried>,
  caf::reacts_to<trial_overdue>, caf::reacts_to<start_part>, caf::reacts_to<tick>>;

struct use_connector {
  connector_actor connector;
};
struct use_monitor {
  monitor_actor monitor;
};
struct use_leak_detector {
  leak_detector_actor detector;
};
/// Weakly: a part must not keep its supervisor alive.
struct use_supervisor {
  caf::weak_actor_ptr supervisor;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, subscribe& x) {
  return f(x.subscriber);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, unsubscribe& x) {
  return f(x.subscriber);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, subscribe_health& x) {
  return f(x.subscriber);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, unsubscribe_health& x) {
  return f(x.subscriber);
}

} // namespace moor

// Messages that carry a handle, a function or a choice stay on their node.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::lease)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::run)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::run_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::lease_returned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::job_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::check_connection)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::check_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::dial)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::hang_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::dialled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::establish)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::abandon)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::pool_paused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::established)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::establishing_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::server_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::server_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::breaker_moved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::connect)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::connected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::use_connector)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::wake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::get_parts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::parts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::part_restarted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::start_part)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::examine)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::examined)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::pool_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::report_to_monitor)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::server_doubted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::health_note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::breaker_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::use_monitor)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::use_leak_detector)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::use_supervisor)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::look_soon)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::call_the_roll)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::lease_roll)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::tell_borrower)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::revoke_lease)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::try_settings)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::settings_tried)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::trial_overdue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::get_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::pool_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::get_parts_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::parts_view)
