// What the members of a scripted replica set answer. All functions are pure, but for the clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "moor/messages/document.hpp"
#include "support/replica_state.hpp"
#include "support/wire_message.hpp"

namespace moor::test {

/// Why a command in flight ends when its primary steps down: the code it is answered with.
enum class interruption : std::int32_t {
  shutdown = 91,         ///< ShutdownInProgress
  stepped_down = 189,    ///< PrimarySteppedDown
  state_changed = 11602, ///< InterruptedDueToReplStateChange
};

bool is_hello(const wire_request& asked);

/// Whether a secondary refuses it: every write, what the script does not know, and a read for which
/// the client does not allow a secondary.
bool needs_primary(const wire_request& asked);

/// For how long a hello asks to be answered only once the set has changed (`maxAwaitTimeMS`).
/// Nothing if it does not ask, or knows less than the member.
std::optional<std::chrono::milliseconds> longest_wait(const replica_member& by,
                                                      const wire_request& asked);

/// What the member `by` answers to any command.
document answer_to(const wire_request& asked, const replica_state& set, std::size_t by);

/// What it answers to one that a step-down ended.
document answer_to_interrupted(const wire_request& asked, const replica_member& by,
                               interruption why);

} // namespace moor::test
