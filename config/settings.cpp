#include "moor/config/settings.hpp"

namespace moor {

settings settings_for(profile which) {
  using namespace std::chrono_literals;
  settings result; // the development profile
  result.profile = which;
  if (which == profile::production) {
    result.max_pool_size = 50;
    result.min_pool_size = 5;
    result.max_idle_time = 60s;
    result.wait_queue_timeout = 5s;
    result.keepalive = 60s;
  }
  return result;
}

std::string_view to_string(profile which) noexcept {
  switch (which) {
    case profile::production: return "production";
    case profile::development: return "development";
  }
  return "unknown";
}

} // namespace moor
