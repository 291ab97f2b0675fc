// What a supervisor keeps alive: an address, a memory, and the actor of the moment.
#pragma once

#include <exception>
#include <memory>
#include <utility>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/error.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/system_messages.hpp>

#include "moor/actors/inbox.hpp"

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

  /// Messages that wait to be handled. Any thread.
  virtual std::size_t waiting() const = 0;

  /// There will be no further actor: everything that waits is answered with `why`.
  virtual void end(const caf::error& why) = 0;
};

/// The state of a part's actor: all that it loses when it dies.
template <class Memory>
struct incarnation {
  static constexpr const char* name = Memory::actor_name;
  std::shared_ptr<Memory> memory;
  std::shared_ptr<inbox> box;
};

/// An exception as the reason of an actor's end.
caf::error error_of(const std::exception_ptr& what);

/// The first thing a part's actor does; then it has the inbox's messages coming, as `wake`s.
template <class Self, class Memory>
void begin(Self* self, std::shared_ptr<Memory> memory, const std::shared_ptr<inbox>& box,
           bool in_the_middle) {
  self->state.memory = std::move(memory);
  self->state.box = box;
  // CAF takes the source out of the message: one that ended an actor comes again without.
  self->set_down_handler([m = self->state.memory.get()](const caf::down_msg& down) {
    if (down.source)
      m->on_down(down.source);
  });
  // By default CAF writes both to standard output.
  self->set_exception_handler([](std::exception_ptr& what) { return error_of(what); });
  self->set_default_handler(caf::drop);
  // By default an error message, which anybody may send, ends an actor.
  self->set_error_handler([](const caf::error&) {});
  self->state.memory->take_over(self, in_the_middle);
  self->state.box->hand_over(self->ctrl());
}

/// What a part's actor does with a `wake`.
template <class Self>
void serve(Self* self) {
  auto* memory = self->state.memory.get();
  self->state.box->serve(self, [memory] { memory->before_message(); });
}

/// `Memory` has the names `name` (for logs) and `actor_name`, and
/// `static Handle spawn(system, memory, inbox, in_the_middle)`, `take_over(self, in_the_middle)`,
/// `before_message()` of those of the inbox, `on_down(address)`, `end(why)`. When it is destroyed
/// it answers whom it owes an answer, and closes the inbox: if the supervisor was killed, an actor
/// is still at work until then.
template <class Memory>
class part_of final : public part {
public:
  part_of(caf::actor_system& system, std::shared_ptr<Memory> memory, std::shared_ptr<inbox> box)
    : system_(system), memory_(std::move(memory)), box_(std::move(box)) {}

  const char* name() const noexcept override { return Memory::name; }

  caf::actor start(bool in_the_middle) override {
    return caf::actor_cast<caf::actor>(Memory::spawn(system_, memory_, box_, in_the_middle));
  }

  std::size_t waiting() const override { return box_->size(); }

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
