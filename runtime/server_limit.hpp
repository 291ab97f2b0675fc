// Whether the server takes as many connections as a pool may have.
#pragma once

#include <string>

#include <caf/scoped_actor.hpp>

#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"

namespace moor {

struct server_limit_verdict {
  std::string problem; ///< why the server is too small for the pool; empty if it is not known to be
  std::string unknown; ///< why it could not be asked; empty if it was, or need not be
};

/// Asks the server through a pool that was just started, where its limit is a rule: in production
/// only. Blocks up to the connect timeout.
server_limit_verdict judge_server_limit(caf::scoped_actor& self, const pool_actor& pool,
                                        const settings& config);

/// The same for other settings of a pool that is in use, ahead of whoever waits there already; one
/// that does not grow is not judged.
server_limit_verdict judge_growth(caf::scoped_actor& self, const pool_actor& pool,
                                  const settings& wanted);

} // namespace moor
