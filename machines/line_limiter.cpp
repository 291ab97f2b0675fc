#include "moor/machines/line_limiter.hpp"

#include <utility>

namespace moor::machines {

std::optional<std::uint64_t> line_limiter::permit(instant now) {
  if (!bucket_.take(now)) {
    ++suppressed_;
    ++untold_;
    return std::nullopt;
  }
  return std::exchange(untold_, 0);
}

} // namespace moor::machines
