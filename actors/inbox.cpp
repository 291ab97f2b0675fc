#include "moor/actors/inbox.hpp"

#include <utility>

#include <caf/message.hpp>

#include "moor/messages/actors.hpp"
#include "moor/messages/caf_errors.hpp"

namespace moor::actors {

namespace {

/// Messages handled in a row.
constexpr int batch = 64;

void refuse(const caf::mailbox_element_ptr& what, const caf::error& why) {
  if (what->sender && what->mid.is_request() && !what->mid.is_answered())
    what->sender->enqueue(nullptr, what->mid.response_id(), caf::make_message(why), nullptr);
}

void send_wake(const caf::strong_actor_ptr& reader, caf::execution_unit* context, wake what = {}) {
  if (reader)
    reader->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, what), context);
}

} // namespace

/// A request is tried twice, unless whoever died over it took on the duty to answer. What moor's
/// parts tell each other is never dropped: if it keeps ending its readers, their supervisor gives
/// up.
bool inbox::is_handled_again(const letter& one, int tries) {
  return !one.what->mid.is_answered() && (tries < 2 || !one.what->mid.is_request());
}

inbox::~inbox() {
  close(make_error(errc::stopped));
}

void inbox::push(caf::mailbox_element_ptr what, caf::execution_unit* context) {
  const auto& content = what->content();
  const wake how{content.match_elements<command>(), content.match_elements<job_done>()};
  const bool limited
    = how.command
      || (!how.result && (content.match_elements<acquire>() || content.match_elements<run>()));
  caf::strong_actor_ptr to_wake;
  caf::error why;
  {
    const std::lock_guard guard{mutex_};
    if (closed_) {
      why = closed_;
    } else if (limited && borrowers_ >= limit_) {
      ++refused_;
      why = make_error(errc::queue_full);
    } else {
      borrowers_ += limited ? 1 : 0;
      messages_.push({std::move(what), limited});
      if (!std::exchange(awake_, true))
        to_wake = caf::actor_cast<caf::strong_actor_ptr>(reader_);
    }
  }
  if (why)
    refuse(what, why);
  else
    send_wake(to_wake, context, how);
}

void inbox::close(const caf::error& why) {
  std::deque<letter> left;
  {
    const std::lock_guard guard{mutex_};
    closed_ = why;
    borrowers_ = 0;
    left = messages_.end();
  }
  for (const auto& one : left)
    refuse(one.what, why);
}

std::size_t inbox::size() const {
  const std::lock_guard guard{mutex_};
  return messages_.size();
}

void inbox::hand_over(const caf::strong_actor_ptr& reader) {
  std::optional<letter> given_up;
  {
    const std::lock_guard guard{mutex_};
    given_up = messages_.hand_over(is_handled_again);
    if (given_up)
      borrowers_ -= given_up->limited ? 1 : 0;
    reader_ = caf::actor_cast<caf::weak_actor_ptr>(reader);
    awake_ = true; // it finds the inbox empty at worst
  }
  if (given_up)
    refuse(given_up->what, make_error(errc::restarted));
  send_wake(reader, nullptr);
}

void inbox::serve(caf::scheduled_actor* reader, const std::function<void()>& before_each) {
  auto* const outer = reader->current_mailbox_element();
  auto handled = 0;
  for (auto* what = first(); what != nullptr; what = ++handled < batch ? next() : nullptr) {
    before_each();
    reader->consume(*what);
    reader->current_mailbox_element(outer);
  }
  if (handled == batch && end_batch())
    send_wake(reader->ctrl(), reader->context());
}

caf::mailbox_element* inbox::first() {
  const std::lock_guard guard{mutex_};
  return take();
}

caf::mailbox_element* inbox::next() {
  std::optional<letter> handled; // goes away after the lock
  const std::lock_guard guard{mutex_};
  handled = done();
  return take();
}

bool inbox::end_batch() {
  std::optional<letter> handled; // goes away after the lock
  const std::lock_guard guard{mutex_};
  handled = done();
  awake_ = messages_.size() > 0;
  return awake_;
}

caf::mailbox_element* inbox::take() {
  auto* one = messages_.take();
  awake_ = one != nullptr;
  return one == nullptr ? nullptr : one->what.get();
}

std::optional<inbox::letter> inbox::done() {
  auto handled = messages_.done();
  if (handled)
    borrowers_ -= handled->limited ? 1 : 0;
  return handled;
}

} // namespace moor::actors
