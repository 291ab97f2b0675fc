// Snapshots of a pool as they come in good and in bad times, for tests of what shows them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "moor/messages/figures.hpp"

namespace moor::test {

enum class scene { idle, load, saturation, outage, recovery, injection };

/// Of a name as in the enumeration; throws `std::invalid_argument` for all others.
scene scene_of(const std::string& name);

/// A pool whose totals go on from one snapshot to the next, whatever the scenes are.
class scripted_pool {
public:
  explicit scripted_pool(std::string name);

  /// Goes into a scene: a change of health is noted, if it is one.
  void enter(scene next, std::int64_t now_unix_ms);

  /// The next snapshot of the scene, with `step` of time gone since the last.
  std::shared_ptr<const pool_snapshot> next(std::int64_t now_unix_ms, duration step);

private:
  void change_health(health_state to, std::vector<std::string> causes, std::int64_t at);
  void change_breaker(breaker_state to, const std::string& cause, std::int64_t at);
  void connections(std::size_t in_use, std::size_t available, std::size_t pending);
  void lend(std::size_t slot, connection_view& to);
  void work(std::uint64_t calls, duration took, bool failed);
  void play_load();
  void play_saturation(std::int64_t now);
  void play_outage();

  pool_snapshot now_;
  scene scene_ = scene::idle;
  std::uint64_t tick_ = 0;
};

} // namespace moor::test
