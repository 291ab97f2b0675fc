// What a supervisor keeps alive: an address, a memory, and the actor of the moment.
#pragma once

#include <memory>
#include <utility>

#include <caf/actor.hpp>
#include <caf/error.hpp>

#include "moor/actors/inbox.hpp"
#include "moor/messages/caf_errors.hpp"

namespace moor::actors {

/// CAF takes an actor's state and mailbox away with it. A part keeps both outside: they go to the
/// next actor. Used by one thread at a time, the supervisor's.
class part {
public:
  part() = default;
  part(const part&) = delete;
  part& operator=(const part&) = delete;
  virtual ~part() = default;

  /// For logs.
  virtual const char* name() const noexcept = 0;

  /// Starts an actor; the one before must have ended. `in_the_middle`: by an exception, so that it
  /// may have left something half done.
  virtual caf::actor start(bool in_the_middle) = 0;

  /// There will be no further actor: everything that waits is answered with `why`.
  virtual void end(const caf::error& why) = 0;
};

/// `Memory` has a `name`, `static Handle spawn(system, memory, inbox, in_the_middle)`, `end(why)`,
/// and answers whom it owes an answer when it is destroyed.
template <class Memory>
class part_of final : public part {
public:
  part_of(caf::actor_system& system, std::shared_ptr<Memory> memory, std::shared_ptr<inbox> box)
    : system_(system), memory_(std::move(memory)), box_(std::move(box)) {}

  /// An actor may still be at work here, if the supervisor was killed; it has the memory to itself.
  ~part_of() override { box_->close(make_error(errc::stopped)); }

  const char* name() const noexcept override { return Memory::name; }

  caf::actor start(bool in_the_middle) override {
    return caf::actor_cast<caf::actor>(Memory::spawn(system_, memory_, box_, in_the_middle));
  }

  void end(const caf::error& why) override {
    box_->close(why);
    memory_->end(why);
  }

private:
  caf::actor_system& system_;
  std::shared_ptr<Memory> memory_;
  std::shared_ptr<inbox> box_;
};

} // namespace moor::actors
