// What was sent to an address and not handled yet.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scheduled_actor.hpp>

#include "moor/machines/succession.hpp"

namespace moor::actors {

/// A mailbox that outlives the actors who read it, one after the other: CAF's own dies with its
/// actor. An actor is sent a `wake` when there is something for it, and then calls `serve`.
class inbox {
public:
  /// Of `acquire`, `run` and `command` as many as `limit` may wait; the next one is refused with
  /// `queue_full` on its sender's own thread. Nothing else is refused.
  explicit inbox(std::size_t limit) : limit_(limit) {}
  ~inbox();
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;

  // -- any thread ---------------------------------------------------------------------------------

  void push(caf::mailbox_element_ptr what, caf::execution_unit* context);

  /// Another limit is in force; what waits stays.
  void change_limit(std::size_t limit) noexcept { limit_ = limit; }

  /// Refuses everything that waits and that will come.
  void close(const caf::error& why);

  /// Requests refused because of the limit, so far.
  std::uint64_t refused() const noexcept { return refused_; }

  /// Messages that wait, the one in hand included.
  std::size_t size() const;

  // -- while no reader is at work -----------------------------------------------------------------

  /// From now on `reader` handles what comes, first what the last reader died over. A request that
  /// ended two is refused.
  void hand_over(const caf::strong_actor_ptr& reader);

  // -- on the reader's thread ---------------------------------------------------------------------

  /// Lets `reader` handle some of what waits, as if it had come through its own mailbox; then sends
  /// it another `wake` if there is more, so that its own timers and exit messages have their turn.
  /// An exception, also of `before_each`, leaves the message where it is.
  void serve(caf::scheduled_actor* reader, const std::function<void()>& before_each);

private:
  struct letter {
    caf::mailbox_element_ptr what;
    bool limited = false; // a request under the limit
  };

  static bool is_handled_again(const letter& one, int tries);

  /// What is to be handled first. Null, here and below, if there is nothing: then the next push
  /// wakes the reader.
  caf::mailbox_element* first();
  /// What is in hand was handled: what comes next.
  caf::mailbox_element* next();
  /// What is in hand was handled, and the reader makes a pause: whether there is more.
  bool end_batch();

  // Under the lock:
  caf::mailbox_element* take();
  /// What is in hand was handled. It is to go away after the lock, since what it carries may send a
  /// message here, a lease for instance.
  std::optional<letter> done();

  std::atomic<std::size_t> limit_;
  std::atomic<std::uint64_t> refused_{0};
  mutable std::mutex mutex_;
  machines::succession<letter> messages_; // as all below, guarded by mutex_
  std::size_t borrowers_ = 0;             // requests under the limit
  caf::weak_actor_ptr reader_;
  bool awake_ = false; // the reader was sent a wake and did not find the inbox empty since
  caf::error closed_;
};

} // namespace moor::actors
