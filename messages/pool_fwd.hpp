// The pool's address, for headers that only pass it on. Its catalogue is messages/actors.hpp.
#pragma once

#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>

namespace moor {

class lease;
class run_result;
struct acquire;
struct breaker_figures;
struct clear;
struct close_pool;
struct command;
struct document;
struct drain;
struct drained;
struct extend_lease;
struct get_breaker;
struct get_health;
struct get_leaks;
struct get_leases;
struct get_operations;
struct get_stats;
struct health_report;
struct is_healthy;
struct leaks_report;
struct lease_returned;
struct leases_report;
struct operations_report;
struct pool_stats;
struct reload;
struct reload_report;
struct run;
struct set_breaker;
struct subscribe;
struct subscribe_health;
struct unsubscribe;
struct unsubscribe_health;
struct warm;
struct warmed;

/// The address that backends hold: one per pool, unchanging while the component lives.
/// A request that cannot be served is answered with one of the codes of messages/errors.hpp.
using pool_actor = caf::typed_actor<
  /// Lends a connection.
  caf::replies_to<acquire>::with<lease>,
  /// Runs a function on a connection, where it may block.
  caf::replies_to<run>::with<run_result>,
  /// Runs one command.
  caf::replies_to<command>::with<document>,
  /// Establishes connections ahead of need.
  caf::replies_to<warm>::with<warmed>,
  /// Makes all connections stale.
  caf::reacts_to<clear>,
  /// Ends gracefully.
  caf::replies_to<drain>::with<drained>,
  /// Ends now.
  caf::reacts_to<close_pool>,
  /// Puts other settings into force.
  caf::replies_to<reload>::with<reload_report>,
  /// The figures of this moment.
  caf::replies_to<get_stats>::with<pool_stats>,
  /// Those of the commands that ran, by operation.
  caf::replies_to<get_operations>::with<operations_report>,
  /// What is out, what is held for too long, and a word for a lease that is needed for longer.
  caf::replies_to<get_leases>::with<leases_report>, caf::replies_to<get_leaks>::with<leaks_report>,
  caf::reacts_to<extend_lease>,
  /// Those of one of its circuit breakers, and an order to it.
  caf::replies_to<get_breaker>::with<breaker_figures>, caf::reacts_to<set_breaker>,
  /// From now on the subscriber receives `pool_events`.
  caf::reacts_to<subscribe>, caf::reacts_to<unsubscribe>,
  /// How the pool and its server are: all that is known, or whether they are well.
  caf::replies_to<get_health>::with<health_report>, caf::replies_to<is_healthy>::with<bool>,
  /// From now on the subscriber receives `health_changed`.
  caf::reacts_to<subscribe_health>, caf::reacts_to<unsubscribe_health>,
  /// Sent by a lease when its last copy goes away.
  caf::reacts_to<lease_returned>>;

} // namespace moor
