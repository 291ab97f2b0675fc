#include "moor/runtime/http/snapshot_texts.hpp"

namespace moor::http {

texts snapshot_texts::of(const snapshots& pools) {
  texts all;
  all.reserve(pools.size());
  for (const auto& pool : pools) {
    const auto kept = entry_of(pool);
    std::call_once(kept->made,
                   [&] { kept->text = std::make_shared<const std::string>(snapshot_json(*pool)); });
    all.push_back(kept->text);
  }
  return all;
}

std::size_t snapshot_texts::size() const {
  const std::lock_guard guard{mutex_};
  return entries_.size();
}

std::shared_ptr<snapshot_texts::entry>
snapshot_texts::entry_of(const std::shared_ptr<const pool_snapshot>& of) {
  const std::lock_guard guard{mutex_};
  if (const auto found = entries_.find(of); found != entries_.end())
    return found->second;
  std::erase_if(entries_, [](const auto& each) { return each.first.expired(); });
  return entries_.emplace(of, std::make_shared<entry>()).first->second;
}

} // namespace moor::http
