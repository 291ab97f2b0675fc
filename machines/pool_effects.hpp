// What the pool machine asks its actor to do. Carried out in the order given.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "moor/messages/errors.hpp"
#include "moor/messages/events.hpp"
#include "moor/messages/ids.hpp"

namespace moor::machines {

/// Lend the connection to the request's borrower.
struct grant {
  request_id request = 0;
  lease_id lease = 0;
  connection_id connection = 0;
};
/// Answer the request with an error.
struct refuse {
  request_id request = 0;
  failure why;
};
/// Have the connection established.
struct open_connection {
  connection_id connection = 0;
};
/// Stop establishing the connection: it is closed already in the pool's books.
struct abandon_connection {
  connection_id connection = 0;
};
/// Ping the connection.
struct ping_connection {
  connection_id connection = 0;
};
/// Close the connection, which nobody uses; `pool::closed` is due when it is gone.
struct close_connection {
  connection_id connection = 0;
};
/// Shut the connection's socket under its user's feet, then close it. With a lease: that one has
/// ended, and what its borrower still waits for is answered with `why`.
struct cut_connection {
  connection_id connection = 0;
  lease_id lease = 0;
  failure why;
};
/// Tell the subscribers.
struct publish {
  pool_event event;
};
/// The pool was cleared: have the server looked for.
struct seek_server {
  std::optional<failure> why;
};
/// Answer a `warm` request.
struct report_warm {
  request_id request = 0;
  std::uint64_t established = 0;
};
/// Answer a `drain` request.
struct report_drained {
  request_id request = 0;
  std::uint64_t returned = 0;
  std::uint64_t cut_off = 0;
};
/// Requests wait for longer than the saturation threshold, and every connection they might get is
/// in use. Once, until `relieved`.
struct saturated {
  std::uint64_t waiting = 0;
  duration oldest{0}; ///< how long the first of them has waited
  std::uint64_t in_use = 0;
};
/// Nobody waits any more.
struct relieved {
  duration lasted{0}; ///< since `saturated`
  std::uint64_t most_waiting = 0;
};

using pool_effect = std::variant<grant, refuse, open_connection, abandon_connection,
                                 ping_connection, close_connection, cut_connection, publish,
                                 seek_server, report_warm, report_drained, saturated, relieved>;

/// Filled by the machine, emptied by the actor; kept between events so that it need not grow again.
using pool_effects = std::vector<pool_effect>;

} // namespace moor::machines
