// The pool under test: moor's pool supervisor and connector, wired as the runtime wires them,
// without the search for a server. What marks the pool ready, clears and closes it is the test
// file.
#pragma once

#include <memory>
#include <variant>

#include "moor/config/settings.hpp"
#include "moor/messages/lease.hpp"
#include "moor/mongo/port.hpp"
#include "spec/event_log.hpp"
#include "spec/test_file.hpp"

namespace moor::test::spec {

/// A pool's settings from a test's options. What is not an option of the format stays at moor's
/// defaults. moor has no pool without a limit: maxPoolSize 0 gives the largest it allows.
settings settings_of(const pool_options& options);

/// One pool in an actor system of its own, with all its events from the first. Every member may be
/// called from any thread, a `caller` only from the one that made it. No lease, caller or call may
/// outlive the rig; its destructor waits for its actors.
class pool_rig {
public:
  /// Nothing a caller waits for lasts beyond `deadline`.
  pool_rig(const pool_options& options, settings config, std::shared_ptr<mongo::driver> driver,
           time_point deadline);
  ~pool_rig();

  pool_rig(const pool_rig&) = delete;
  pool_rig& operator=(const pool_rig&) = delete;

  /// A thread's way to speak with the pool.
  class caller {
  public:
    explicit caller(pool_rig& rig);
    ~caller();

    /// Throws `pool_refused` with the pool's error, `test_failed` if there was no answer.
    lease check_out();

  private:
    struct implementation;
    std::unique_ptr<implementation> impl_;
  };

  void ready();
  void clear(bool interrupt_in_use);
  void close();

  /// Blocks until the log has the events of all that was asked of the pool before, without adding
  /// any of its own. Throws `test_failed` if the pool does not answer.
  void settle_events();

  event_log& log() noexcept { return log_; }
  const std::string& address() const noexcept { return address_; }

private:
  struct actors;

  event_log log_;
  std::string address_;
  time_point deadline_;
  std::unique_ptr<actors> actors_; // uses all of the above until it is gone
};

} // namespace moor::test::spec
