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

std::string_view to_string(breaker_mode mode) noexcept {
  switch (mode) {
    case breaker_mode::on: return "on";
    case breaker_mode::disabled: return "disabled";
    case breaker_mode::forced_open: return "forced_open";
  }
  return "unknown";
}

std::string_view to_string(breaker_window window) noexcept {
  switch (window) {
    case breaker_window::count: return "count";
    case breaker_window::time: return "time";
  }
  return "unknown";
}

std::string_view to_string(leak_policy policy) noexcept {
  switch (policy) {
    case leak_policy::report: return "report";
    case leak_policy::revoke: return "revoke";
  }
  return "unknown";
}

std::string_view to_string(command_lane value) noexcept {
  switch (value) {
    case command_lane::threads: return "threads";
    case command_lane::fibers: return "fibers";
  }
  return "unknown";
}

std::string_view to_string(borrower_turns value) noexcept {
  switch (value) {
    case borrower_turns::scheduler: return "scheduler";
    case borrower_turns::loop: return "loop";
  }
  return "unknown";
}

std::string_view to_string(toggle value) noexcept {
  switch (value) {
    case toggle::off: return "off";
    case toggle::on: return "on";
  }
  return "unknown";
}

} // namespace moor
