// One thread on which many pieces of work wait for the network at once, each on a fiber.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <thread>

#include "moor/mongo/descriptor_watch.hpp"
#include "moor/mongo/wire.hpp"

namespace moor::mongo {

class fiber_loop {
  struct inside;

public:
  using clock = wire::clock;

  /// Work posted and not begun at most.
  static constexpr std::size_t most_posted = 100'000;
  /// Fibers without work that are kept for the next.
  static constexpr std::size_t most_idle = 64;

  /// Throws std::system_error if there is no thread, or no descriptor, for it.
  fiber_loop();

  /// Wakes all that waits (see `wait`), and returns when all work has ended. Called by the loop's
  /// own work it returns at once; the thread then ends with its last work.
  ~fiber_loop();

  fiber_loop(const fiber_loop&) = delete;
  fiber_loop& operator=(const fiber_loop&) = delete;

  /// Begins `work` on a fiber, in the order of the calls. Any thread. False if too much waits to be
  /// begun. An exception that leaves the work ends the process.
  bool post(std::function<void()> work);

  using interest = descriptor_watch::interest;

  enum class outcome : std::uint8_t { ready, timed_out, stopped };

  /// Called when all that was due has had its turn, with whether there is more by now. If not, the
  /// loop rests, until the time that this returns at the latest; or its work blocks it.
  using round_end = std::function<clock::time_point(bool goes_on)>;

  /// Called in each round when fibers had their turns, on the loop's own stack. What it posts has
  /// its turn in the next round, which begins at once.
  using round_middle = std::function<void()>;

  /// The fiber that the caller runs on.
  class here {
  public:
    /// Of the calling thread; false if it runs on no fiber.
    here() noexcept;
    explicit operator bool() const noexcept { return of_ != nullptr; }

    /// Suspends the fiber until something happens to one of the descriptors, or it is `until`. The
    /// caller has just found that none was ready, or since the fiber began to run has sent what it
    /// waits to be answered; and it looks again afterwards: it may be woken for nothing, and after
    /// a stall of the loop too late. `stopped`: the loop is being ended, and
    /// waits no more. What epoll does not take (no memory, too many watches) is waited for with the
    /// whole loop.
    outcome wait(std::span<const interest> what, clock::time_point until) const;

    /// Has the loop call `what` at the end of each round. Takes the place of what was given before.
    /// It is called on the loop's thread, and destroyed there at the loop's end.
    void at_end_of_rounds(round_end what) const;

    /// The same in the middle of each round.
    void in_rounds(round_middle what) const;

    /// Suspends the fiber until those that send are let go together (`gathering`).
    void before_sending() const;

    /// To be called by work that is about to block the loop, for want of a thread. Fibers that are
    /// to send are blocked too.
    void before_blocking() const;

    /// Suspends the fiber until `wake` is called, by any thread, once.
    void park() const;
    /// What wakes this fiber from its next `park`.
    std::function<void()> waker() const;

  private:
    inside* of_;
  };

private:
  std::shared_ptr<inside> inside_;
  std::thread thread_;
};

} // namespace moor::mongo
