// Connections of moor's own, without a pool.
#pragma once

#include <memory>
#include <vector>

#include "moor/mongo/port.hpp"

#include "options.hpp"

namespace compare {

/// As many as `what` says, established, on the fiber lane. Throws std::runtime_error if one cannot
/// be established.
std::vector<std::shared_ptr<moor::mongo::connection>> connect_all(const options& what);

} // namespace compare
