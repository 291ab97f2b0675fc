// The JSON of snapshots, made once for all who are shown them.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "moor/runtime/http/stats_json.hpp"

namespace moor::http {

/// Keeps the text of each snapshot for as long as somebody holds the snapshot. Any thread; whoever
/// wants a text that another one is making waits for it, and for no other text.
class snapshot_texts {
public:
  /// The texts of these snapshots, in their order (`snapshot_json`).
  texts of(const snapshots& pools);

  /// How many are kept.
  std::size_t size() const;

private:
  struct entry {
    std::once_flag made;
    std::shared_ptr<const std::string> text;
  };

  std::shared_ptr<entry> entry_of(const std::shared_ptr<const pool_snapshot>& of);

  mutable std::mutex mutex_;
  std::map<std::weak_ptr<const pool_snapshot>, std::shared_ptr<entry>, std::owner_less<>>
    entries_; // guarded by mutex_
};

} // namespace moor::http
