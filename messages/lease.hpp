// A lease: what a borrower holds while a connection is lent to it.
#pragma once

#include <memory>

#include "moor/config/duration.hpp"
#include "moor/messages/errors.hpp"
#include "moor/messages/ids.hpp"
#include "moor/messages/pool_fwd.hpp"

struct _mongoc_client_t; // libmongoc's client; a borrower that touches it includes
                         // <mongoc/mongoc.h>

namespace moor {

/// What a lease does, implemented where the pool is. Any thread.
class lease_body {
public:
  virtual ~lease_body() = default;
  virtual lease_id id() const noexcept = 0;
  virtual connection_id connection() const noexcept = 0;
  virtual bool ended() const noexcept = 0;
  virtual _mongoc_client_t* client() const noexcept = 0;
  virtual duration age() const noexcept = 0;
  virtual void give_back() noexcept = 0;
  virtual void mark_failed(failure why) = 0;
  virtual pool_actor pool() const = 0;
};

/// One connection, lent. Copies share it; it returns when the last copy goes away, or at
/// `give_back`. Copies may live on several threads; only one at a time may use the client, and not
/// while a `run` or `command` through the lease is in flight.
class lease {
public:
  /// An empty lease, as after `give_back` and a move.
  lease() = default;
  explicit lease(std::shared_ptr<lease_body> body) noexcept : body_(std::move(body)) {}

  /// Whether it still stands: neither empty, nor returned, nor revoked.
  explicit operator bool() const noexcept { return body_ && !body_->ended(); }

  /// The connection's client, or null if the lease no longer stands. Valid as long as this lease
  /// is: never keep it longer, never destroy it. Its errors spoil the connection by themselves.
  _mongoc_client_t* client() const noexcept { return *this ? body_->client() : nullptr; }

  /// This lease's number, 0 if empty.
  lease_id id() const noexcept { return body_ ? body_->id() : 0; }

  /// The connection's number, 0 if empty.
  connection_id connection() const noexcept { return body_ ? body_->connection() : 0; }

  /// Time since the connection was established; zero if empty.
  duration age() const noexcept { return body_ ? body_->age() : duration::zero(); }

  /// Returns the connection now, for all copies. Harmless when repeated, and after moor has
  /// stopped.
  void give_back() noexcept {
    if (auto body = std::move(body_))
      body->give_back();
  }

  /// Tells moor that the connection met an error which libmongoc could not see: it will be closed
  /// instead of being lent again. Call it before the lease returns.
  void mark_failed(failure why) const {
    if (body_)
      body_->mark_failed(std::move(why));
  }

  /// The pool it came from; a null handle once that is gone.
  pool_actor pool() const;

private:
  std::shared_ptr<lease_body> body_;
};

} // namespace moor
