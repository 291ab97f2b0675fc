// What stands behind a lease while its borrower holds it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include <caf/actor_control_block.hpp>

#include "moor/messages/lease.hpp"
#include "moor/mongo/port.hpp"

namespace moor::actors {

/// Tells the pool when the last copy of the lease goes away. It holds the pool's address weakly, so
/// that a lease outlives its pool and its actor system without harm. Any thread.
class lease_control final : public lease_body {
public:
  lease_control(lease_id id, connection_id connection, instant established_at,
                std::shared_ptr<mongo::connection> handle, caf::weak_actor_ptr pool);
  ~lease_control() override;

  lease_id id() const noexcept override { return id_; }
  connection_id connection() const noexcept override { return connection_; }
  bool ended() const noexcept override { return ended_; }
  _mongoc_client_t* client() const noexcept override;
  duration age() const noexcept override;
  void give_back() noexcept override;
  void mark_failed(failure why) override;
  pool_actor pool() const override;

  /// Work through the lease begins or ends on the connection's own thread. Meanwhile the lease,
  /// which may be given back at any moment, leaves the connection alone. By the pool supervisor.
  void set_busy(bool busy);

  /// The pool took the connection back by force: nothing is to be returned any more.
  void revoke() noexcept { ended_ = true; }

private:
  void note_use() const noexcept;

  const lease_id id_;
  const connection_id connection_;
  const instant established_at_;
  std::shared_ptr<mongo::connection> handle_; // guarded by mutex_
  const caf::weak_actor_ptr pool_;
  std::atomic<bool> ended_{false};
  mutable std::mutex mutex_;
  std::optional<failure> why_; // guarded by mutex_, as are the next
  bool busy_ = false;
  mutable bool lent_ = false; // the client, which the borrower may have kept
};

} // namespace moor::actors
