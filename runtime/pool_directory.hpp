// The pools of a component by name, here and in the actor system's registry.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <caf/error.hpp>
#include <caf/fwd.hpp>

#include "moor/runtime/supervisor.hpp"

namespace moor {

/// Any thread. Until it is closed, and then empty for ever.
class pool_directory {
public:
  explicit pool_directory(caf::actor_system& system) noexcept : system_{system} {}

  /// Enters the pool under its name, or says why not.
  caf::error claim(const std::string& name, const supervised_pool& pool);

  std::optional<supervised_pool> find(const std::string& name) const;

  /// The pool if there is but one.
  std::optional<supervised_pool> only_one() const;

  std::vector<supervised_pool> all() const;

  /// Takes out the pool of that name if it is the one of that supervisor.
  void forget(const std::string& name, const supervisor_actor& which);

  /// Takes out all pools, and no more in.
  std::vector<supervised_pool> close();

  bool is_closed() const;

private:
  caf::actor_system& system_;
  mutable std::mutex mutex_;
  std::map<std::string, supervised_pool> pools_; // guarded by mutex_, as the next
  bool closed_ = false;
};

caf::error name_is_taken(const std::string& name);

} // namespace moor
