// The log lines about a saturated pool.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "moor/machines/pool_effects.hpp"

namespace moor::actors {

/// How many leases each operation holds.
using holders = std::unordered_map<std::string, std::uint64_t>;

/// `report:5,find:3` has the operations that hold the most, at most this many, by name if they hold
/// equally many. Characters that would end the list or the line are written `_`.
std::string top_holders(const holders& all, std::size_t most = 5);

/// `pool="default" event=saturated waiting=12 oldest_ms=101 in_use=10 holders="report:5,find:3"`.
std::string line_about(const std::string& pool, const machines::saturated& news,
                       const holders& who);

/// `pool="default" event=relieved lasted_ms=2500 most_waiting=40`.
std::string line_about(const std::string& pool, const machines::relieved& news);

} // namespace moor::actors
