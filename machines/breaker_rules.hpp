// Which failures speak against the server, and so count in a circuit breaker: the one table.
#pragma once

#include <cstdint>
#include <string_view>

#include "moor/messages/errors.hpp"

namespace moor::machines {

/// What a failed call says of the server. (resilience4j: recorded and ignored exceptions)
enum class breaker_verdict : std::uint8_t {
  counts,            ///< a failure
  counts_if_spoiled, ///< a failure if its connection or more was spoiled, else ignored
  ignored,           ///< neither a failure nor a success
};

/// "counts", "counts if its connection is spoiled" or "ignored".
std::string_view to_string(breaker_verdict verdict) noexcept;

/// The code's row in the table. A code of a newer version of moor is ignored.
breaker_verdict verdict_on(errc code) noexcept;

/// Whether a circuit breaker counts that failure.
bool counts_as_failure(const failure& why) noexcept;

} // namespace moor::machines
