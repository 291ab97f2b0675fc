// What is really there when a new pool supervisor takes over: its actor's own books, against which
// the pool machine mends its own.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "moor/machines/wait_queue.hpp"
#include "moor/messages/ids.hpp"

namespace moor::machines {

struct roll {
  /// Established connections that have an actor.
  std::unordered_set<connection_id> connections;
  /// Those of them for which no member that takes writes was found.
  std::unordered_set<connection_id> read_only;
  /// Those that were told to close, and whose actor has not ended.
  std::unordered_set<connection_id> closing;
  /// Leases that a borrower holds or whose work is going on, with their connections.
  std::unordered_map<lease_id, connection_id> leases;
  /// Requests for a connection that were not answered yet, in any order.
  std::vector<waiter> waiting;
  /// Other requests that were not answered yet: `warm` and `drain`.
  std::unordered_set<request_id> others;
  /// Connections that the connector was told to make, and has not reported on.
  std::unordered_set<connection_id> ordered;
  /// Connections that were told to ping, and have not reported.
  std::unordered_set<connection_id> pinging;
  /// The last supervisor died in the middle of something: the connector may not have been told that
  /// the pool is paused.
  bool words_may_be_lost = false;
};

} // namespace moor::machines
