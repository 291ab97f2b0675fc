// How often something may be done: so many times at once after a quiet time, then at a steady pace.
#pragma once

#include <algorithm>
#include <cstdint>

#include "moor/config/duration.hpp"

namespace moor::machines {

/// A token bucket that is full at first and gets one token in every `refill`.
class token_bucket {
public:
  token_bucket(std::uint32_t burst, duration refill) : depth_(burst * refill), refill_(refill) {}

  /// Takes a token; false if there is none.
  bool take(instant now) {
    if (now < next())
      return false;
    full_at_ = std::max(full_at_, now) + refill_;
    return true;
  }

  /// From when on there is a token.
  instant next() const {
    return full_at_ == instant::min() ? full_at_ : full_at_ + refill_ - depth_;
  }

private:
  duration depth_;
  duration refill_;
  instant full_at_ = instant::min();
};

} // namespace moor::machines
