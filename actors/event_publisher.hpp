// Pool events on their way to subscribers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "moor/actors/subscribers.hpp"
#include "moor/machines/token_bucket.hpp"
#include "moor/messages/actors.hpp"

namespace moor::actors {

/// Keeps events in order for each subscriber, sends them in batches and the next batch only when
/// the last was answered, so that a slow subscriber costs a bounded amount of memory: beyond
/// `limit` the oldest are dropped and counted. Under load batches are made larger rather than more,
/// since each costs its two actors some 150 us, most of it for waking threads. Used on its actor's
/// thread only.
class event_publisher {
public:
  /// Events kept for one subscriber.
  static constexpr std::size_t limit = 10'000;
  /// So many batches go at once after a quiet time, then one in every `pace`, or when half of what
  /// is kept is full.
  static constexpr std::uint32_t burst = 100;
  static constexpr duration pace = std::chrono::milliseconds{40};

  /// `answered` is called when a subscriber answered; it is to `flush`.
  event_publisher(std::string pool, std::string address, std::function<void()> answered)
    : pool_(std::move(pool)), address_(std::move(address)), answered_(std::move(answered)) {}

  void add(const caf::actor& who) { subscribers_.add(who); }
  void remove(const caf::actor_addr& who) { subscribers_.remove(who); }
  void push(const pool_event& event);

  /// The actor that sent what is in flight is gone.
  void reset() { subscribers_.reset(); }

  /// Sends what can be sent; to be called when a message was handled, and at `next`.
  template <class Self>
  void flush(Self* self, instant now) {
    if (!is_due(now))
      return;
    for (const auto& s : subscribers_)
      if (can_be_sent(*s))
        subscribers_.send(self, s, next_batch(s->waiting), answered_);
  }

  /// There will be no further events: sends all that is left, whoever has not answered yet.
  void send_rest();

  /// When events that are held back for the pace may go; `no_deadline` if there are none.
  instant next(instant now) const;

private:
  struct backlog {
    std::vector<pool_event> events; // from `oldest` on, and then from the beginning
    std::size_t oldest = 0;
    std::uint64_t dropped = 0;
  };
  using subscriber = subscribers<backlog>::entry;

  static bool can_be_sent(const subscriber& s) noexcept {
    return !s.in_flight && !s.waiting.events.empty();
  }
  bool is_due(instant now);
  pool_events next_batch(backlog& of) const;

  std::string pool_;
  std::string address_;
  std::function<void()> answered_;
  subscribers<backlog> subscribers_;
  machines::token_bucket batches_{burst, pace};
};

} // namespace moor::actors
