#include "moor/actors/ticket.hpp"

namespace moor::actors {

ticket::route ticket::take_route() {
  auto asker = std::exchange(asker_, nullptr);
  auto stages = std::exchange(stages_, {});
  if (stages.empty())
    return {std::move(asker), nullptr, id_.response_id(), {}};
  auto next = std::move(stages.back());
  stages.pop_back();
  return {std::move(next), std::move(asker), id_, std::move(stages)};
}

} // namespace moor::actors
