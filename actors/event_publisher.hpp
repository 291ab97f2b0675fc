// Pool events on their way to subscribers.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/sec.hpp>

#include "moor/messages/actors.hpp"

namespace moor::actors {

/// Keeps events in order for each subscriber, sends them in batches and the next batch only when
/// the last was answered, so that a slow subscriber costs a bounded amount of memory: beyond
/// `limit` the oldest are dropped and counted. Used on its actor's thread only.
class event_publisher {
public:
  /// Events kept for one subscriber.
  static constexpr std::size_t limit = 10'000;
  /// A subscriber silent for longer is sent the next batch all the same.
  static constexpr duration patience = std::chrono::seconds{30};

  event_publisher(std::string pool, std::string address)
    : pool_(std::move(pool)), address_(std::move(address)) {}

  void add(const caf::actor& who);
  void remove(const caf::actor_addr& who);
  void push(const pool_event& event);

  /// The actor that sent what is in flight is gone, and will not be told of its arrival.
  void reset();

  /// Sends what can be sent; to be called when a message was handled.
  template <class Self>
  void flush(Self* self) {
    for (const auto& s : subscribers_)
      if (!s->in_flight && !s->waiting.empty())
        send(self, s);
  }

private:
  struct subscriber {
    caf::actor who;
    std::deque<pool_event> waiting;
    std::uint64_t dropped = 0;
    bool in_flight = false;
  };
  using subscriber_ptr = std::shared_ptr<subscriber>;

  pool_events next_batch(subscriber& s) const;

  template <class Self>
  void send(Self* self, const subscriber_ptr& s) {
    s->in_flight = true;
    self->request(s->who, patience, next_batch(*s))
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
  std::string address_;
  std::vector<subscriber_ptr> subscribers_;
};

} // namespace moor::actors
