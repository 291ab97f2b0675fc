// What the pool machine shows of itself.
#include <algorithm>

#include "moor/machines/pool.hpp"

namespace moor::machines {

pool_stats pool::stats() const {
  auto s = totals_;
  s.phase = phase();
  s.degradation = degradation_;
  s.generation = generation_;
  s.total = connections_.total();
  s.in_use = connections_.count(connection_state::in_use);
  s.available = connections_.count(connection_state::available);
  s.pending = connections_.count(connection_state::pending);
  s.checking = connections_.count(connection_state::checking);
  s.closing = closing_.size();
  s.waiting = waiting_.size();
  s.out = leases_.size();
  s.min_size = config_.min_pool_size;
  s.max_size = config_.max_pool_size;
  return s;
}

duration pool::oldest_wait(instant now) const {
  duration longest{0};
  for (const auto level : {priority::critical, priority::normal, priority::background})
    if (const auto* w = waiting_.oldest(level))
      longest = std::max(longest, now - w->since);
  return longest;
}

std::vector<connection_view> pool::connections(instant now) const {
  std::vector<connection_view> all;
  all.reserve(connections_.total());
  for (const auto& [id, e] : connections_.entries())
    all.push_back({id, e.state, e.generation, now - e.created,
                   e.state == connection_state::in_use ? e.lease : 0});
  return all;
}

} // namespace moor::machines
