// Promise 1 under load: no client is with two holders.
#pragma once

#include <mutex>
#include <unordered_set>

#include "chaos/tally.hpp"

struct _mongoc_client_t;

namespace moor::chaos {

/// Any thread.
class holders {
public:
  explicit holders(counts& breaches) : breaches_(breaches) {}

  void take(const _mongoc_client_t* client) {
    const std::lock_guard guard{mutex_};
    if (!held_.insert(client).second)
      breaches_.add("one connection, two holders");
  }

  void release(const _mongoc_client_t* client) {
    const std::lock_guard guard{mutex_};
    held_.erase(client);
  }

private:
  counts& breaches_;
  std::mutex mutex_;
  std::unordered_set<const _mongoc_client_t*> held_;
};

} // namespace moor::chaos
