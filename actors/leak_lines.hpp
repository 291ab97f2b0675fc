// The log lines about leaks.
#pragma once

#include <string>
#include <vector>

#include "moor/machines/leak_ledger.hpp"

namespace moor::actors {

/// One line for each of the first ten that were found at one look; before them, if there are more,
/// one for all.
std::vector<std::string> lines_about(const std::string& pool, const machines::report_leaks& found);

std::string line_about(const std::string& pool, const machines::report_ended& ended);

std::string line_about(const std::string& pool, const machines::revoke_leak& revoked);

} // namespace moor::actors
