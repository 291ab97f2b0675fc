// What is known of a pool's operations, told by its connections.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

#include "moor/config/duration.hpp"
#include "moor/machines/line_limiter.hpp"
#include "moor/machines/operation_book.hpp"
#include "moor/messages/operations.hpp"
#include "moor/mongo/command_observer.hpp"

namespace moor::actors {

/// Counts every command and passes on those slow ones that are permitted a line. It lives as long
/// as any connection that reports to it. Any thread.
class operation_log final : public mongo::command_observer {
public:
  /// Slow commands that are kept.
  static constexpr std::size_t most_latest = 25;

  using receiver = std::function<void(slow_command&& what)>;
  using clock = std::function<instant()>;

  /// `tell` is called on the thread that sent the command, by several at once.
  explicit operation_log(receiver tell, clock now = std::chrono::steady_clock::now)
    : tell_(std::move(tell)), now_(std::move(now)) {}

  void finished(const mongo::finished_command& what) override;

  operations_report report(std::uint64_t most) const;

private:
  const receiver tell_;
  const clock now_;
  mutable std::mutex mutex_;
  machines::operation_book book_; // guarded by mutex_, as is the next
  machines::line_limiter lines_;
  std::deque<slow_command_note> latest_; // of those told
};

} // namespace moor::actors
