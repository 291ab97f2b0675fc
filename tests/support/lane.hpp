// On which lane a test's connections carry out their commands.
#pragma once

#include <cstdlib>
#include <string_view>

#include "moor/config/settings.hpp"

namespace moor::test {

/// That of `MOOR_COMMAND_LANE` if it is set, so that ctest runs a test on both.
inline command_lane wanted_lane() {
  const char* const wanted = std::getenv("MOOR_COMMAND_LANE");
  if (wanted == nullptr)
    return settings{}.lane;
  return std::string_view{wanted} == to_string(command_lane::fibers) ? command_lane::fibers
                                                                     : command_lane::threads;
}

} // namespace moor::test
