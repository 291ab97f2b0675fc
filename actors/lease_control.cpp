#include "moor/actors/lease_control.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include "moor/messages/actors.hpp"

namespace moor {

pool_actor lease::pool() const {
  return body_ ? body_->pool() : pool_actor{};
}

} // namespace moor

namespace moor::actors {

lease_control::lease_control(lease_id id, connection_id connection, instant established_at,
                             std::shared_ptr<mongo::connection> handle, caf::weak_actor_ptr pool)
  : id_(id),
    connection_(connection),
    established_at_(established_at),
    handle_(std::move(handle)),
    pool_(std::move(pool)) {}

lease_control::~lease_control() {
  give_back();
}

_mongoc_client_t* lease_control::client() const noexcept {
  const std::lock_guard guard{mutex_};
  if (!handle_)
    return nullptr;
  lent_ = true;
  return busy_ ? handle_->client_in_use() : handle_->client(); // else when the work has ended
}

/// The borrower, who has the client, may have used it since something else used the connection, and
/// cannot have while something does. Under the mutex.
void lease_control::note_use() const noexcept {
  if (lent_ && handle_ && !busy_)
    handle_->client();
}

duration lease_control::age() const noexcept {
  return std::chrono::steady_clock::now() - established_at_;
}

void lease_control::give_back() noexcept {
  if (ended_.exchange(true))
    return;
  std::optional<failure> why;
  {
    const std::lock_guard guard{mutex_};
    note_use();
    // Errors that the borrower met and kept to itself spoil the connection all the same.
    if (!busy_)
      why = handle_->take_failure();
    if (why_ && (!why || why_->reach >= why->reach))
      why = std::move(why_);
    // Other copies of the lease may stay: the pool counts the connection until its own actor, the
    // last one to have it, lets go of it.
    handle_.reset();
  }
  if (auto to = pool())
    caf::anon_send(to, lease_returned{id_, std::move(why)});
}

void lease_control::mark_failed(failure why) {
  if (why.reach == spoils::nothing)
    why.reach = spoils::connection;
  const std::lock_guard guard{mutex_};
  if (!why_ || why.reach > why_->reach)
    why_ = std::move(why);
}

void lease_control::set_busy(bool busy) {
  const std::lock_guard guard{mutex_};
  note_use(); // before the work, or else after it: nothing while it runs
  busy_ = busy;
  note_use();
}

pool_actor lease_control::pool() const {
  return caf::actor_cast<pool_actor>(caf::actor_cast<caf::strong_actor_ptr>(pool_));
}

} // namespace moor::actors
