// A borrower's right to exactly one answer.
#pragma once

#include <utility>

#include <caf/error.hpp>
#include <caf/local_actor.hpp>
#include <caf/mailbox_element.hpp>

#include "moor/messages/caf_errors.hpp"

namespace moor::actors {

/// Takes over the answer to the request that an actor is handling. Unlike CAF's response promise it
/// does not belong to that actor: another may answer after that one died. One dropped unanswered
/// answers `restarted`, whatever ends its owner. Used by one thread at a time.
class ticket {
public:
  ticket() = default;

  /// For the request in hand; `self` answers nothing by itself from now on.
  explicit ticket(caf::local_actor* self) {
    auto* request = self->current_mailbox_element();
    if (request == nullptr || request->mid.is_answered())
      return;
    id_ = request->mid;
    request->mid.mark_as_answered();
    asker_ = std::move(request->sender);
    stages_ = std::move(request->stages);
  }

  ticket(ticket&& other) noexcept
    : asker_(std::exchange(other.asker_, nullptr)),
      stages_(std::exchange(other.stages_, {})),
      id_(other.id_) {}
  ticket& operator=(ticket&& other) noexcept {
    std::swap(asker_, other.asker_);
    std::swap(stages_, other.stages_);
    std::swap(id_, other.id_);
    return *this;
  }
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  ~ticket() {
    if (is_pending()) // errors are dear, and nearly every ticket was answered
      refuse(make_error(errc::restarted));
  }

  /// Who asked; null once answered, or if nobody waits for an answer.
  const caf::strong_actor_ptr& asker() const noexcept { return asker_; }

  /// `context` is that of the actor at work, or null from any other thread.
  template <class T>
  void answer(T&& value, caf::execution_unit* context = nullptr) {
    if (!is_pending())
      return;
    auto by = take_route();
    by.to->enqueue(caf::make_mailbox_element(std::move(by.from), by.id, std::move(by.stages),
                                             std::forward<T>(value)),
                   context);
  }

  void refuse(caf::error why, caf::execution_unit* context = nullptr) {
    answer(std::move(why), context);
  }

private:
  using forwarding = caf::mailbox_element::forwarding_stack;

  /// Of an answer: to who asked, or to the next of those through whom he asked.
  struct route {
    caf::strong_actor_ptr to;
    caf::strong_actor_ptr from;
    caf::message_id id;
    forwarding stages;
  };

  bool is_pending() const noexcept { return asker_ || !stages_.empty(); }
  route take_route();

  caf::strong_actor_ptr asker_;
  forwarding stages_;
  caf::message_id id_;
};

} // namespace moor::actors
