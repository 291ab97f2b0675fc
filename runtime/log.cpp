#include "moor/runtime/log.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string_view>

#include <spdlog/spdlog.h>

namespace moor {

namespace {

using namespace std::string_view_literals;

/// Events that somebody may have to act on.
constexpr std::array warnings{"breaker_changed"sv, "driver_warning"sv,    "drain_failed"sv,
                              "escalated"sv,       "restarted"sv,         "saturated"sv,
                              "slow_command"sv,    "statistics_missing"sv};

bool is_warning(std::string_view line) {
  constexpr auto key = "event="sv;
  const auto at = line.find(key);
  if (at == std::string_view::npos)
    return false;
  const auto name = line.substr(at + key.size());
  return std::find(warnings.begin(), warnings.end(), name.substr(0, name.find(' ')))
         != warnings.end();
}

} // namespace

log_function log_to_spdlog() {
  static std::mutex mutex;
  const std::lock_guard guard{mutex};
  auto logger = spdlog::get("moor");
  if (!logger) {
    logger = spdlog::default_logger()->clone("moor");
    spdlog::register_logger(logger);
  }
  return [logger](const std::string& line) {
    logger->log(is_warning(line) ? spdlog::level::warn : spdlog::level::info, "{}", line);
  };
}

} // namespace moor
