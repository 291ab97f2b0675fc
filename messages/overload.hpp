// Servers that ask to be left alone.
#pragma once

#include <cstdint>

#include "moor/messages/errors.hpp"

namespace moor {

/// IngressRequestRateLimitExceeded, which servers send with the label SystemOverloadedError.
inline constexpr std::int32_t overload_code = 462;

/// The server refused because it has too much to do: it is there, and what stands to it is good. No
/// pool is cleared for that.
inline bool is_overload(const failure& why) noexcept {
  return why.driver_code == overload_code || why.advice.overloaded;
}

} // namespace moor
