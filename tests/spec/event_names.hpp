// The events of the specification by their names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "moor/messages/events.hpp"

namespace moor::test::spec {

/// The event of that name, or nothing.
std::optional<event_type> event_named(std::string_view name);

/// All names, separated by commas.
std::string all_event_names();

} // namespace moor::test::spec
