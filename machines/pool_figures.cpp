#include "moor/machines/pool_figures.hpp"

namespace moor::machines {

void pool_figures::on(const pool_event& event) {
  ++counts_.at(static_cast<std::size_t>(event.type)).at(static_cast<std::size_t>(event.reason));
  if (event.type == event_type::connection_ready)
    create_time_.add(event.took);
  else if (event.type == event_type::checked_out)
    wait_time_.add(event.took);
  else if (event.type == event_type::checked_in)
    use_time_.add(event.took);
}

std::vector<event_count> pool_figures::events() const {
  std::vector<event_count> all;
  for (std::size_t type = 0; type < types; ++type)
    for (std::size_t reason = 0; reason < reasons; ++reason)
      if (const auto count = counts_[type][reason]; count > 0)
        all.push_back({static_cast<event_type>(type), static_cast<event_reason>(reason), count});
  return all;
}

} // namespace moor::machines
