// The metrics of a pool's operations, by their names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "moor/actors/series.hpp"
#include "moor/messages/operations.hpp"

namespace moor::actors {

/// Operations have names of the backend's own. So that they cannot flood whoever stores the
/// metrics, so many have series of their own, first those that took the most time, and keep them;
/// the others share those of `other`. Used by one thread at a time.
class operation_metrics {
public:
  static constexpr std::size_t most_names = 50;
  static constexpr const char* other = "other";

  void update(pool_series& to, const operations_report& now);

private:
  struct followed {
    std::string label;
    operation_figures before;
  };
  followed& entry_of(const std::string& operation);

  std::map<std::string, followed> all_; // by the operation's name; as many as its book has
  std::size_t named_ = 0;               // those with series of their own
};

} // namespace moor::actors
