// Numbers by which moor's parts speak of the same thing.
#pragma once

#include <cstdint>

namespace moor {

/// A connection within its pool, from 1 in order of creation. (CMAP, "Monotonically Increasing ID")
using connection_id = std::uint64_t;

/// A check-out request within its pool, from 1 in order of arrival; 0 is "no request".
using request_id = std::uint64_t;

/// A lease within its pool, from 1 in order of granting; 0 is "no lease".
using lease_id = std::uint64_t;

} // namespace moor
