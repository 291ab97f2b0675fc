#include "moor/runtime/pool_directory.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/atom.hpp>

#include "moor/messages/caf_errors.hpp"

namespace moor {

namespace {

/// Enters the actor under that name unless the name is taken. CAF keeps its own actors there
/// (`SpawnServ`, for instance), and everybody else may, too.
bool enter(caf::actor_registry& registry, const std::string& name,
           const caf::strong_actor_ptr& who) {
  const auto key = caf::atom_from_string(name);
  registry.put(key, who); // does not replace what is there
  return registry.get(key) == who;
}

/// Takes the name from the registry if it is that actor's.
void leave(caf::actor_registry& registry, const std::string& name,
           const caf::strong_actor_ptr& who) {
  const auto key = caf::atom_from_string(name);
  if (registry.get(key) == who)
    registry.erase(key);
}

caf::strong_actor_ptr address_of(const supervised_pool& pool) {
  return caf::actor_cast<caf::strong_actor_ptr>(pool.address);
}

} // namespace

caf::error name_is_taken(const std::string& name) {
  return make_error(errc::invalid_argument,
                    "A pool of the name " + name + " is there already; names must differ");
}

caf::error pool_directory::claim(const std::string& name, const supervised_pool& pool) {
  const std::lock_guard guard{mutex_};
  if (closed_)
    return make_error(errc::stopped);
  if (pools_.contains(name))
    return name_is_taken(name);
  if (!enter(system_.registry(), name, address_of(pool)))
    return make_error(errc::invalid_argument,
                      "The name " + name + " is taken in the actor registry");
  pools_.emplace(name, pool);
  return {};
}

std::optional<supervised_pool> pool_directory::find(const std::string& name) const {
  const std::lock_guard guard{mutex_};
  const auto found = pools_.find(name);
  return found == pools_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<supervised_pool> pool_directory::only_one() const {
  const std::lock_guard guard{mutex_};
  return pools_.size() == 1 ? std::optional{pools_.begin()->second} : std::nullopt;
}

std::vector<supervised_pool> pool_directory::all() const {
  const std::lock_guard guard{mutex_};
  std::vector<supervised_pool> found;
  for (const auto& [name, pool] : pools_)
    found.push_back(pool);
  return found;
}

void pool_directory::forget(const std::string& name, const supervisor_actor& which) {
  supervised_pool last; // its handles go away outside of the lock
  const std::lock_guard guard{mutex_};
  const auto found = pools_.find(name);
  if (found == pools_.end() || found->second.supervisor != which)
    return;
  last = std::move(found->second);
  pools_.erase(found);
  leave(system_.registry(), name, address_of(last));
}

std::vector<supervised_pool> pool_directory::close() {
  std::map<std::string, supervised_pool> last;
  {
    const std::lock_guard guard{mutex_};
    closed_ = true;
    last.swap(pools_);
  }
  std::vector<supervised_pool> taken_out;
  for (const auto& [name, pool] : last) {
    leave(system_.registry(), name, address_of(pool));
    taken_out.push_back(pool);
  }
  return taken_out;
}

bool pool_directory::is_closed() const {
  const std::lock_guard guard{mutex_};
  return closed_;
}

} // namespace moor
