// Changes of health on their way to subscribers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "moor/actors/subscribers.hpp"
#include "moor/messages/actors.hpp"

namespace moor::actors {

/// Keeps the newest change for each subscriber, and sends it only when the last one sent was
/// answered: a slow subscriber costs the memory of one change, and is told how many it missed.
/// Used on its actor's thread only.
class health_publisher {
public:
  explicit health_publisher(std::string pool) : pool_(std::move(pool)) {}

  void add(const caf::actor& who) { subscribers_.add(who); }
  void remove(const caf::actor_addr& who) { subscribers_.remove(who); }
  void push(const health_change& change);

  /// The actor that sent what is in flight is gone.
  void reset() { subscribers_.reset(); }

  /// Sends what can be sent; to be called when a message was handled.
  template <class Self>
  void flush(Self* self) {
    for (const auto& s : subscribers_)
      if (!s->in_flight && s->waiting.newest)
        subscribers_.send(self, s, next(s->waiting), [this, self] { flush(self); });
  }

private:
  struct backlog {
    std::optional<health_change> newest;
    std::uint64_t missed = 0;
  };

  health_changed next(backlog& of) const;

  std::string pool_;
  subscribers<backlog> subscribers_;
};

} // namespace moor::actors
