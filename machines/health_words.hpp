// Figures in the words of health's causes.
#pragma once

#include <string>

#include "moor/config/duration.hpp"

namespace moor::machines {

/// "250.0 ms" or "3.2 s".
std::string in_words(duration span);

/// "12%".
std::string percent(double share);

} // namespace moor::machines
