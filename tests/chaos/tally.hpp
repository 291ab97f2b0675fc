// What the chaos program counts. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "moor/config/duration.hpp"

namespace moor::chaos {

/// Things by name.
class counts {
public:
  void add(const std::string& name) {
    const std::lock_guard guard{mutex_};
    ++by_name_[name];
  }

  std::map<std::string, std::uint64_t> all() const {
    const std::lock_guard guard{mutex_};
    return by_name_;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> by_name_;
};

struct tally {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> abandoned{0}; ///< whose client died by intent, before the answer
  std::atomic<std::uint64_t> late{0};
  counts outcomes; ///< "lease", "reply" or an error's name
  counts kills;
  counts faults;   ///< of the server
  counts breaches; ///< of promises; none may be
  /// The longest from the end of a fault to the first success.
  std::atomic<std::int64_t> slowest_recovery_ms{0};
  /// Seen at the server at once.
  std::atomic<std::uint64_t> most_connections{0};
  /// When something last succeeded (nanoseconds of the monotonic clock).
  std::atomic<std::int64_t> last_success{0};
};

} // namespace moor::chaos
