// Values of a log line's key=value fields.
#pragma once

#include <string>

#include "moor/config/duration.hpp"

namespace moor::actors {

/// In quotes, with single quotes for those inside and `_` for whatever else would end the value or
/// the line.
std::string quoted(std::string value);

/// A whole number of milliseconds.
std::string milliseconds(duration d);

} // namespace moor::actors
