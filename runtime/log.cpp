#include "moor/runtime/log.hpp"

#include <memory>
#include <mutex>
#include <string>

#include <spdlog/spdlog.h>

namespace moor {

namespace {

spdlog::level::level_enum as_spdlog(log_level level) noexcept {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

} // namespace

logger log_to_spdlog() {
  static std::mutex mutex;
  const std::lock_guard guard{mutex};
  auto to = spdlog::get("moor");
  if (!to) {
    to = spdlog::default_logger()->clone("moor");
    spdlog::register_logger(to);
  }
  const auto least = to->should_log(spdlog::level::debug) ? log_level::debug : log_level::info;
  return {[to = std::move(to)](log_level level, const std::string& line) {
            to->log(as_spdlog(level), "{}", line);
          },
          least};
}

} // namespace moor
