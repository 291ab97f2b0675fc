// How benchmarks come to a pool of which every connection is established.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <caf/scoped_actor.hpp>

#include "moor/moor.hpp"

namespace bench {

/// The settings that these arguments of a command line make. Throws std::runtime_error if one of
/// them is refused.
inline moor::settings settings_of(std::vector<moor::raw_value> values) {
  const auto found = moor::resolve({{moor::source::command_line, std::move(values)}});
  for (const auto& one : found.findings)
    if (one.grade == moor::severity::error)
      throw std::runtime_error{to_string(one)};
  return found.value;
}

/// Starts a pool and establishes so many connections. Throws std::runtime_error if that fails.
inline moor::pool_actor start_warm(moor::component& component, caf::scoped_actor& self,
                                   const moor::settings& config, std::uint64_t connections) {
  const auto pool = component.start(config);
  if (!pool)
    throw std::runtime_error{moor::describe(pool.error())};
  const auto patience = std::chrono::seconds{100};
  std::uint64_t established = 0;
  self->request(*pool, 2 * patience, moor::warm{connections, patience})
    .receive([&](const moor::warmed& w) { established = w.established; },
             [](const caf::error& why) { throw std::runtime_error{moor::describe(why)}; });
  if (established < connections)
    throw std::runtime_error{"only " + std::to_string(established) + " of "
                             + std::to_string(connections) + " connections could be established"};
  return *pool;
}

} // namespace bench
