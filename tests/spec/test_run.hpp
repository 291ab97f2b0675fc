// One run of a test's operations.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/mongo/port.hpp"
#include "spec/event_log.hpp"
#include "spec/observed.hpp"
#include "spec/test_file.hpp"

namespace moor::test::spec {

/// What came of it.
struct observation {
  std::optional<pool_error> error; ///< thrown by the main thread
  std::vector<pool_event> events;  ///< up to the end of the last operation
  std::string address;             ///< of the pool
  /// Why the operations could not be run as they are written, if so.
  std::optional<std::string> problem;
};

/// Runs all operations against a new pool. Does not throw for anything that the pool does; blocks
/// until `deadline` at the longest, and a little longer for closing what is open.
observation run_operations(const test_file& test, settings config,
                           std::shared_ptr<mongo::driver> driver, time_point deadline);

/// Why the observation is not what the test demands, or nothing if it is.
std::optional<std::string> judge(const test_file& test, const observation& seen);

} // namespace moor::test::spec
