// The metrics exporter: looks at a pool at intervals, and keeps what it saw for those who ask.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <prometheus/registry.h>

#include "moor/actors/board.hpp"
#include "moor/actors/fault_point.hpp"
#include "moor/actors/part.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"
#include "moor/messages/log.hpp"

namespace moor::actors {

struct exporter_options {
  settings config;
  std::vector<setting_view> origins = {}; ///< what the snapshot shows of the settings
  std::string address = {};               ///< of the server, without credentials
  /// Where the metrics go; it must merge families of one name, as it does by default. Several pools
  /// may share it.
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::shared_ptr<board> shown = std::make_shared<board>();
  fault_point may_fail = {};
  logger log = {};
};

/// An exporter for the pool of that address, without an actor yet. It asks the pool, and the
/// supervisor that it was told of (`use_supervisor`), and never waits; a scrape of the registry
/// asks nobody. With a `metrics_interval` of 0 it does nothing.
struct exporter_part {
  std::unique_ptr<part> supervised;
  exporter_actor address;
};
exporter_part make_exporter(caf::actor_system& system, exporter_options options,
                            const pool_supervisor_actor& pool);

} // namespace moor::actors
