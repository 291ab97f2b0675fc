// What to look at when no connection could be made.
#pragma once

#include <optional>

#include "moor/ctl/advice.hpp"
#include "moor/messages/causes.hpp"

namespace moor::ctl {

/// A warning whose id is the cause's name with hyphens, "tls-expired"; nothing for causes that say
/// all there is to say. Pure; any thread.
std::optional<advice> advice_on(failure_cause cause);

/// A warning with the id "check-timeout": what to do where the check's own limit, `seen.limit`,
/// ended it. Pure; any thread.
advice advice_on_limit(const settings& with, const probe_result& seen);

} // namespace moor::ctl
