// What the actors of the package index tell each other.
//
//   main thread ── director ─┬─ loader            indexes the packages
//                            ├─ follower          counts the changes that the server reports
//                            ├─ query client × n  asks, one question at a time
//                            └─ wait meter        how long requests waited for a connection
//
// The director's children are linked to it. One that cannot go on quits with the error, which ends
// the director and with it the others; the main thread, which monitors the director, tells the
// user.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>

#include "moor/config/duration.hpp"
#include "moor/messages/stats.hpp"

#include "dpkg_status.hpp"
#include "queries.hpp"

namespace package_index {

/// All packages; shared by the actors, changed by none.
using packages_ptr = std::shared_ptr<const std::vector<package>>;

/// director → main thread: what is being done.
struct progress {
  std::string doing;
  double share = 0; ///< from 0 to 1
  std::string detail;
};

/// loader → director: how many packages were upserted so far, and which way.
struct loaded {
  std::uint64_t by_run = 0;
  std::uint64_t by_command = 0;
};

/// follower → director: the change stream stands, or why there is none.
struct following {
  std::optional<std::string> unavailable;
};

/// director → children: come to an end and report.
struct finish {};

/// The answer of a query client.
struct client_report {
  std::uint64_t look_ups = 0;
  std::uint64_t aggregations = 0;
  std::uint64_t errors = 0;
  std::string last_error;
  std::vector<moor::duration> took; ///< from asking to having the answer
};

/// The answer of the follower.
struct changes {
  std::uint64_t events = 0;
};

/// The answer of the wait meter.
struct waits {
  std::vector<moor::duration> took; ///< from check-out started to checked out
  std::uint64_t missed = 0;         ///< events that it was too slow for
};

/// A message of a query client or the director to itself.
struct again {};

/// signal watch → main thread.
struct interruption {
  int signal = 0;
};

/// director → main thread: all is done.
struct summary {
  loaded indexed;
  moor::duration indexing{0};
  std::vector<counted> sections;
  std::vector<counted> largest;
  std::vector<counted> dependants;
  client_report load;
  moor::duration loading{0};
  waits waiting;
  moor::pool_stats pool;
  changes seen;
  std::optional<std::string> no_change_stream;
};

} // namespace package_index

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::following)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::finish)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::client_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::changes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::waits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::interruption)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(package_index::summary)
