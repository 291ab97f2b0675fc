// What a request must look like to be considered.
#pragma once

#include <optional>

#include "moor/messages/errors.hpp"
#include "moor/messages/requests.hpp"

namespace moor::actors {

/// The first rule a request breaks, as an `invalid_argument` whose text names the field, its value
/// and what is allowed; nothing if it is acceptable.
std::optional<failure> broken_rule(const acquire& request);
std::optional<failure> broken_rule(const run& request);
std::optional<failure> broken_rule(const command& request);
std::optional<failure> broken_rule(const warm& request);
std::optional<failure> broken_rule(const drain& request);

/// When the request's answer is due: `timeout` after `now`, `fallback` if it names none, and in any
/// case not after `not_after`.
instant deadline_of(const request_options& options, duration fallback, instant now);

} // namespace moor::actors
