// An actor's timer that can be moved.
#pragma once

#include <cstdint>

#include "moor/messages/actors.hpp"

namespace moor::actors {

/// CAF's delayed messages cannot be cancelled; this one numbers them and knows the outdated.
/// Used on its actor's thread only.
class alarm {
public:
  /// Makes sure that a `tick` arrives at `when` or earlier. It may arrive with nothing to do yet.
  template <class Self>
  void set(Self* self, instant when) {
    if (when >= armed_for_)
      return;
    armed_for_ = when;
    self->scheduled_send(self, when, tick{++number_});
  }

  /// Whether this is the tick last asked for; then the alarm is free to be set again.
  bool rings(const tick& t) {
    if (t.number != number_)
      return false;
    armed_for_ = no_deadline;
    return true;
  }

  /// The actor that it was set for is gone.
  void reset() { armed_for_ = no_deadline; }

private:
  std::uint64_t number_ = 0;
  instant armed_for_ = no_deadline; // no_deadline: not at all
};

} // namespace moor::actors
