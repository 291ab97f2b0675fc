#include "moor/actors/inbox.hpp"

#include <utility>

#include <caf/message.hpp>

#include "moor/messages/actors.hpp"
#include "moor/messages/caf_errors.hpp"

namespace moor::actors {

namespace {

/// Messages handled before the reader makes room for other actors on its thread.
constexpr int batch = 64;

void refuse(const caf::mailbox_element_ptr& what, const caf::error& why) {
  if (what->sender && what->mid.is_request() && !what->mid.is_answered())
    what->sender->enqueue(nullptr, what->mid.response_id(), caf::make_message(why), nullptr);
}

/// A request is tried twice, unless whoever died over it took on the duty to answer. What moor's
/// parts tell each other is never dropped: if it keeps ending its readers, their supervisor gives
/// up.
bool is_handled_again(const caf::mailbox_element_ptr& what, int deaths) {
  return !what->mid.is_answered() && (deaths < 2 || !what->mid.is_request());
}

} // namespace

inbox::~inbox() {
  close(make_error(errc::stopped));
}

void inbox::push(caf::mailbox_element_ptr what, caf::execution_unit* context) {
  caf::error why;
  {
    const std::lock_guard guard{mutex_};
    if (closed_) {
      why = closed_;
    } else if (what->mid.is_request() && messages_.size() >= limit_) {
      ++refused_;
      why = make_error(errc::queue_full);
    } else {
      messages_.push(std::move(what));
      if (std::exchange(awake_, true))
        return;
    }
  }
  if (why)
    refuse(what, why);
  else
    wake(context);
}

void inbox::close(const caf::error& why) {
  std::deque<caf::mailbox_element_ptr> left;
  {
    const std::lock_guard guard{mutex_};
    closed_ = why;
    left = messages_.end();
  }
  for (const auto& what : left)
    refuse(what, why);
}

void inbox::hand_over(const caf::strong_actor_ptr& reader) {
  std::optional<caf::mailbox_element_ptr> given_up;
  {
    const std::lock_guard guard{mutex_};
    given_up = messages_.hand_over(is_handled_again);
    reader_ = caf::actor_cast<caf::weak_actor_ptr>(reader);
    awake_ = true; // it finds the inbox empty at worst
  }
  if (given_up)
    refuse(*given_up, make_error(errc::restarted));
  wake(nullptr);
}

void inbox::serve(caf::scheduled_actor* reader, const fault_point& before_each, const char* part) {
  auto* const outer = reader->current_mailbox_element();
  for (int i = 0; i < batch; ++i) {
    auto* what = next(i > 0);
    if (what == nullptr)
      return;
    pass(before_each, part);
    reader->consume(*what);
    reader->current_mailbox_element(outer);
  }
  next(true);
  wake(reader->context());
}

caf::mailbox_element* inbox::next(bool last_is_done) {
  const std::lock_guard guard{mutex_};
  if (last_is_done)
    messages_.done();
  auto* what = messages_.take();
  awake_ = what != nullptr;
  return what == nullptr ? nullptr : what->get();
}

void inbox::wake(caf::execution_unit* context) {
  caf::strong_actor_ptr reader;
  {
    const std::lock_guard guard{mutex_};
    reader = caf::actor_cast<caf::strong_actor_ptr>(reader_);
  }
  if (reader)
    reader->enqueue(nullptr, caf::make_message_id(), caf::make_message(moor::wake{}), context);
}

} // namespace moor::actors
