// What the chaos program is asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace moor::chaos {

struct options {
  std::chrono::seconds length{60};
  std::uint64_t seed = 1;
  /// How much later than promised is still in time; more for a program slowed by a sanitizer.
  std::chrono::milliseconds tolerance{100};
  /// A server of one's own, left alone: then only moor's parts and the clients come to harm.
  std::string uri;
};

/// Throws `std::invalid_argument` with a sentence for people.
options parse(int argc, char** argv);

inline constexpr auto usage
  = "usage: chaos [--seconds 1..86400] [--seed N] [--tolerance-ms 1..60000] [--uri URI]";

} // namespace moor::chaos
