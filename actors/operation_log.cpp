#include "moor/actors/operation_log.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace moor::actors {

namespace {

std::int64_t unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

slow_command told(const mongo::finished_command& what, std::uint64_t suppressed) {
  return {.operation = std::string{what.operation},
          .command = std::string{what.command},
          .database = std::string{what.database},
          .collection = std::string{what.collection},
          .shape = std::string{what.shape},
          .server = std::string{what.server},
          .took = what.took,
          .threshold = what.threshold,
          .failed = what.failed,
          .connection = what.connection,
          .suppressed = suppressed};
}

} // namespace

void operation_log::finished(const mongo::finished_command& what) {
  std::optional<std::uint64_t> suppressed; // set if it may be told
  {
    const std::lock_guard guard{mutex_};
    book_.add(what.operation, what.took, what.failed, what.slow);
    if (what.slow)
      suppressed = lines_.permit(now_());
  }
  if (!suppressed)
    return;
  auto slow = told(what, *suppressed);
  {
    const std::lock_guard guard{mutex_};
    if (latest_.size() == most_latest)
      latest_.pop_front();
    latest_.push_back({slow, unix_ms()});
  }
  tell_(std::move(slow));
}

operations_report operation_log::report(std::uint64_t most) const {
  const std::lock_guard guard{mutex_};
  return {book_.top(most), lines_.suppressed(), {latest_.begin(), latest_.end()}};
}

} // namespace moor::actors
