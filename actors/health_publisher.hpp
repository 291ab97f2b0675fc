// Changes of health on their way to subscribers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/sec.hpp>

#include "moor/messages/actors.hpp"

namespace moor::actors {

/// Keeps the newest change for each subscriber, and sends it only when the last one sent was
/// answered: a slow subscriber costs the memory of one change, and is told how many it missed.
/// Used on its actor's thread only.
class health_publisher {
public:
  /// A subscriber silent for longer is sent the next change all the same.
  static constexpr duration patience = std::chrono::seconds{30};

  explicit health_publisher(std::string pool) : pool_(std::move(pool)) {}

  void add(const caf::actor& who);
  void remove(const caf::actor_addr& who);
  void push(const health_change& change);

  /// The actor that sent what is in flight is gone, and will not be told of its arrival.
  void reset();

  /// Sends what can be sent; to be called when a message was handled.
  template <class Self>
  void flush(Self* self) {
    for (const auto& s : subscribers_)
      if (!s->in_flight && s->newest)
        send(self, s);
  }

private:
  struct subscriber {
    caf::actor who;
    std::optional<health_change> newest;
    std::uint64_t missed = 0;
    bool in_flight = false;
  };
  using subscriber_ptr = std::shared_ptr<subscriber>;

  health_changed next(subscriber& s) const;

  template <class Self>
  void send(Self* self, const subscriber_ptr& s) {
    s->in_flight = true;
    self->request(s->who, patience, next(*s))
      .then(
        [this, self, s] {
          s->in_flight = false;
          flush(self);
        },
        [this, self, s](const caf::error& err) {
          s->in_flight = false;
          if (err == caf::sec::request_receiver_down)
            remove(s->who.address());
          else
            flush(self);
        });
  }

  std::string pool_;
  std::vector<subscriber_ptr> subscribers_;
};

} // namespace moor::actors
