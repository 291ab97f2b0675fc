#include "moor/machines/line_limiter.hpp"

#include <algorithm>
#include <utility>

namespace moor::machines {

std::optional<std::uint64_t> line_limiter::permit(instant now) {
  const auto full_at = std::max(full_at_, now) + refill_;
  if (full_at - now > depth_) {
    ++suppressed_;
    ++untold_;
    return std::nullopt;
  }
  full_at_ = full_at;
  return std::exchange(untold_, 0);
}

} // namespace moor::machines
