// The pool supervisor actor: wait queue, leases, sizing.
#pragma once

#include <cstdint>
#include <string>

#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"

namespace moor::actors {

struct pool_supervisor_options {
  settings config;
  /// The server's address, for events and errors.
  std::string address;
  /// Between background runs (CMAP, "Background Thread"); negative = never.
  duration background_interval = std::chrono::seconds{1};
  /// Of the random shares of lifetimes; the same seed and events give the same trace.
  std::uint64_t seed = 0;
  /// Subscribed from the first event on, if set.
  caf::actor first_subscriber;
};

/// Starts a pool, paused. It establishes nothing before it has a connector (`use_connector`), and
/// grants nothing before the connector saw the server (`server_found`). `front` is the address that
/// leases return to; it is this actor itself if none is given. The pool ends when `front` does.
pool_supervisor_actor spawn_pool_supervisor(caf::actor_system& system,
                                            pool_supervisor_options options,
                                            const pool_actor& front = {});

} // namespace moor::actors
