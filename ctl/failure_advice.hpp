// What to look at when no connection could be made.
#pragma once

#include <optional>

#include "moor/ctl/advice.hpp"
#include "moor/messages/causes.hpp"

namespace moor::ctl {

/// A warning whose id is the cause's name with hyphens, "tls-expired"; nothing for causes that say
/// all there is to say. Pure; any thread.
std::optional<advice> advice_on(failure_cause cause);

} // namespace moor::ctl
