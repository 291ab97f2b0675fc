#include "moor/actors/series_set.hpp"

#include <algorithm>
#include <deque>
#include <functional>

namespace moor::actors {

namespace {

struct registry_sets {
  std::map<std::string, std::shared_ptr<series_set>> all; // by the pool's name
  std::deque<std::string> ended; // names without a pool, the one that ended last at the end

  bool in_use() const { return all.size() > ended.size(); }
};

/// A registry that is gone may leave its address to another one, but not its owner.
struct registry_id {
  const prometheus::Registry* address;
  std::weak_ptr<prometheus::Registry> owner;

  friend bool operator<(const registry_id& a, const registry_id& b) {
    if (a.address != b.address)
      return std::less<>{}(a.address, b.address);
    return a.owner.owner_before(b.owner);
  }
};

struct process_sets {
  std::mutex mutex;
  std::map<registry_id, registry_sets> all;

  static process_sets& of_process() {
    static process_sets sets;
    return sets;
  }
};

template <class T>
void remove(series_set::places<T>& which) {
  for (const auto& [key, place] : which)
    place.family->Remove(place.series);
  which.clear();
}

} // namespace

std::shared_ptr<series_set> join_series(const std::shared_ptr<prometheus::Registry>& registry,
                                        const std::string& pool) {
  auto& sets = process_sets::of_process();
  const std::lock_guard guard{sets.mutex};
  std::erase_if(sets.all,
                [](const auto& one) { return one.first.owner.expired() && !one.second.in_use(); });
  auto& [all, ended] = sets.all[{registry.get(), registry}];
  auto& set = all[pool];
  if (!set)
    set = std::make_shared<series_set>();
  if (set->users++ == 0)
    std::erase(ended, pool);
  return set;
}

void leave_series(const std::shared_ptr<prometheus::Registry>& registry, const std::string& pool) {
  auto& sets = process_sets::of_process();
  const std::lock_guard guard{sets.mutex};
  const auto here = sets.all.find({registry.get(), registry});
  if (here == sets.all.end())
    return;
  auto& [all, ended] = here->second;
  const auto left = all.find(pool);
  if (left == all.end() || --left->second->users > 0)
    return;
  // Before anybody can join again.
  remove(left->second->gauges);
  ended.push_back(pool);
  if (ended.size() <= most_ended_pools)
    return;
  const auto oldest = all.find(ended.front());
  remove(oldest->second->counters);
  remove(oldest->second->histograms);
  all.erase(oldest);
  ended.pop_front();
}

} // namespace moor::actors
