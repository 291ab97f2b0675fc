#include "moor/runtime/log.hpp"

#include <memory>
#include <mutex>

#include <spdlog/spdlog.h>

namespace moor {

log_function log_to_spdlog() {
  static std::mutex mutex;
  const std::lock_guard guard{mutex};
  auto logger = spdlog::get("moor");
  if (!logger) {
    logger = spdlog::default_logger()->clone("moor");
    spdlog::register_logger(logger);
  }
  return [logger](const std::string& line) { logger->info("{}", line); };
}

} // namespace moor
