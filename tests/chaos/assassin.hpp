// Kills moor's actors, by a kill or an exception, and clears the pool.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include <caf/scoped_actor.hpp>

#include "chaos/client.hpp"
#include "moor/actors/fault_point.hpp"

namespace moor::chaos {

/// Where exceptions come from: armed by the assassin, sprung by the part that comes by next.
class trap {
public:
  /// The `passes`-th time from now that a part comes by, it fails.
  void arm(int passes) { left_ = passes; }

  /// What parts are given as their fault point. The world's counts must outlive them.
  actors::fault_point point(counts& kills);

private:
  std::atomic<int> left_{0}; // 0: not armed
};

class assassin {
public:
  assassin(caf::actor_system& system, std::shared_ptr<world> shared, supervisor_actor supervisor,
           trap& faults, std::uint64_t seed);

  /// Does one deed; most are kills. Blocks while it looks for its victim.
  void strike();

private:
  void kill_one_of(const caf::actor& who_knows, const std::string& as);

  std::shared_ptr<world> shared_;
  supervisor_actor supervisor_;
  trap& faults_;
  caf::scoped_actor self_;
  std::mt19937_64 random_;
};

} // namespace moor::chaos
