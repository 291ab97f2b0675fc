// Who is told of something, one message at a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/sec.hpp>

#include "moor/config/duration.hpp"

namespace moor::actors {

/// Each subscriber with what waits for it, and whether the last message was answered yet: until
/// then it is to be sent no other, so that a slow one costs a bounded amount of memory. Used on its
/// actor's thread only.
template <class Waiting>
class subscribers {
public:
  /// A subscriber silent for longer is sent the next message all the same.
  static constexpr duration patience = std::chrono::seconds{30};

  struct entry {
    caf::actor who;
    Waiting waiting{};
    bool in_flight = false;
  };
  using entry_ptr = std::shared_ptr<entry>;

  /// One that is there already stays as it is.
  void add(const caf::actor& who) {
    if (who && std::ranges::none_of(all_, [&](const auto& s) { return s->who == who; }))
      all_.push_back(std::make_shared<entry>(entry{who}));
  }

  void remove(const caf::actor_addr& who) {
    std::erase_if(all_, [&](const auto& s) { return s->who == who; });
  }

  /// The actor that sent what is in flight is gone, and will not be told of its arrival.
  void reset() {
    for (const auto& s : all_)
      s->in_flight = false;
  }

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

  /// Calls `answered` when the message was answered, or it is certain that it will not be.
  template <class Self, class Message, class Answered>
  void send(Self* self, const entry_ptr& to, Message what, Answered answered) {
    to->in_flight = true;
    self->request(to->who, patience, std::move(what))
      .then(
        [to, answered] {
          to->in_flight = false;
          answered();
        },
        [this, to, answered](const caf::error& err) {
          to->in_flight = false;
          if (err == caf::sec::request_receiver_down)
            remove(to->who.address());
          answered();
        });
  }

private:
  std::vector<entry_ptr> all_;
};

} // namespace moor::actors
