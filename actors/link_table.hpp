// The connections an actor is responsible for.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include <caf/actor_addr.hpp>
#include <caf/send.hpp>

#include "moor/messages/actors.hpp"
#include "moor/mongo/port.hpp"

namespace moor::actors {

struct link {
  connection_actor actor;
  std::shared_ptr<mongo::connection> handle;
  instant established_at{};
  duration slow_after{0}; ///< the threshold by which its commands are observed
};

/// Connection number → actor and handle. What is still in it when its owner ends, however it ends,
/// is cut and closed: no connection outlives those who know of it. Used on its actor's thread only.
class link_table {
public:
  link_table() = default;
  link_table(const link_table&) = delete;
  link_table& operator=(const link_table&) = delete;
  ~link_table() { cut_all(); }

  void add(connection_id id, link l) { links_.insert_or_assign(id, std::move(l)); }

  link* find(connection_id id) {
    const auto found = links_.find(id);
    return found == links_.end() ? nullptr : &found->second;
  }

  /// The number of the connection whose actor this is.
  std::optional<connection_id> find(const caf::actor_addr& address) const {
    for (const auto& [id, l] : links_)
      if (l.actor.address() == address)
        return id;
    return std::nullopt;
  }

  /// Hands the link over to the caller.
  link take(connection_id id) {
    auto node = links_.extract(id);
    return node.empty() ? link{} : std::move(node.mapped());
  }

  /// Closes a connection that nobody uses. Returns its actor, which ends when that is done.
  connection_actor close(connection_id id) {
    auto l = take(id);
    if (l.actor)
      hang_up_on(l);
    return l.actor;
  }

  /// Shuts a connection's socket whatever is going on there, then closes it.
  void cut(connection_id id) {
    if (auto l = take(id); l.actor)
      cut(l);
  }

  void cut_all() {
    for (auto& [id, l] : std::exchange(links_, {}))
      cut(l);
  }

  const std::unordered_map<connection_id, link>& all() const noexcept { return links_; }

private:
  static void cut(link& l) {
    l.handle->interrupt();
    hang_up_on(l);
  }

  static void hang_up_on(link& l) { caf::anon_send(l.actor, hang_up{std::move(l.handle)}); }

  std::unordered_map<connection_id, link> links_;
};

} // namespace moor::actors
