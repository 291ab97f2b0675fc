#include "spec/event_names.hpp"

#include <algorithm>
#include <array>

namespace moor::test::spec {

namespace {

constexpr std::array all_events{
  event_type::pool_created,      event_type::pool_ready,         event_type::pool_cleared,
  event_type::pool_closed,       event_type::connection_created, event_type::connection_ready,
  event_type::connection_closed, event_type::check_out_started,  event_type::check_out_failed,
  event_type::checked_out,       event_type::checked_in,
};

} // namespace

std::optional<event_type> event_named(std::string_view name) {
  const auto found = std::find_if(all_events.begin(), all_events.end(),
                                  [&](event_type type) { return to_string(type) == name; });
  return found == all_events.end() ? std::nullopt : std::optional{*found};
}

std::string all_event_names() {
  std::string names;
  for (const auto type : all_events)
    names += (names.empty() ? "" : ", ") + std::string{to_string(type)};
  return names;
}

} // namespace moor::test::spec
