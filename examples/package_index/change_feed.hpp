// A change stream together with the lease that it lives on.
#pragma once

#include <cstddef>

#include "moor/messages/lease.hpp"
#include "moor/mongo/handles.hpp"

namespace package_index {

/// All changes of the collection from `open` on. `open`, `read` and `close` run on the connection's
/// own thread, handed to `run` in functions that share the feed: so the stream, which uses the
/// connection when it ends, is always gone before the lease returns it.
class change_feed {
public:
  explicit change_feed(moor::lease on) : on_(std::move(on)) {}

  const moor::lease& connection() const noexcept { return on_; }

  /// Opens the stream. Throws moor::mongo::error, `operation_failed` if the server has none.
  void open(mongoc_client_t& client);

  /// Reads what is there; waits up to `patience` for the first change. Returns the number of
  /// changes.
  std::size_t read();

  void close() noexcept { stream_.reset(); }

  static constexpr int patience_ms = 250;

private:
  void check_stream() const;

  moor::lease on_;
  moor::mongo::change_stream_owner stream_;
};

} // namespace package_index
