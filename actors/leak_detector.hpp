// The leak detector: looks at what is out, again and again.
#pragma once

#include <memory>

#include "moor/actors/fault_point.hpp"
#include "moor/actors/part.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"
#include "moor/messages/log.hpp"

namespace moor::actors {

struct leak_detector_options {
  settings config;
  fault_point may_fail = {};
  logger log = {};
};

/// A leak detector for the pool of that address, which must be told of it (`use_leak_detector`);
/// without an actor yet.
struct leak_detector_part {
  std::unique_ptr<part> supervised;
  leak_detector_actor address;
};
leak_detector_part make_leak_detector(caf::actor_system& system, leak_detector_options options,
                                      const pool_supervisor_actor& pool);

} // namespace moor::actors
