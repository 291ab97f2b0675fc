// Work on a stack of its own, which its thread can leave in the middle and come back to.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace moor::mongo {

/// Carries out one piece of work after the other. Used by one thread, the one that makes it: what
/// the work calls may keep things by thread, locks among them.
class fiber {
public:
  /// Address space of a stack. Memory is what was touched of it.
  static constexpr std::size_t stack_size = std::size_t{256} * 1024;
  /// Below it: whoever touches that ends the process.
  static constexpr std::size_t guard_size = std::size_t{64} * 1024;

  /// Throws std::bad_alloc.
  fiber();
  /// The work has ended.
  ~fiber();
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;

  /// Begins, and returns when the work has ended or suspends. What was started before has ended. An
  /// exception that leaves the work ends the process, as with a thread.
  void start(std::function<void()> work);

  /// Goes on with work that was suspended.
  void resume();

  /// From inside of the work: returns to whoever started or resumed it, until that is done again.
  void suspend();

  /// Whether there is no work, be it at work or suspended.
  bool idle() const noexcept { return idle_; }

  /// What was touched of the stack, in bytes. Pages once touched are not given back.
  std::size_t touched() const;

private:
  struct parts;

  std::unique_ptr<parts> parts_;
  std::function<void()> work_;
  bool idle_ = true;
};

} // namespace moor::mongo
