// What benchmarks give their actor systems.
#pragma once

#include <caf/actor_system_config.hpp>

#include "moor/runtime/caf_settings.hpp"

namespace bench {

struct caf_config : caf::actor_system_config {
  moor::caf_settings moor{*this, custom_options_};
};

} // namespace bench
