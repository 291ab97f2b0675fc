// The log lines about a saturated pool and slow commands.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "moor/machines/pool_effects.hpp"
#include "moor/messages/operations.hpp"

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

/// `pool="default" event=slow_command operation="report" command="find" database="shop"
/// collection="orders" shape="{filter: {age: {$gt}}, limit}" took_ms=153 threshold_ms=100
/// failed=no connection=3 server="db1:27017" suppressed=0`. Quotes inside a value are written
/// `'`, other characters that would end it or the line `_`.
std::string line_about(const std::string& pool, const slow_command& news);

} // namespace moor::actors
