#include "moor/actors/ticket.hpp"

namespace moor::actors {

void ticket::deliver(caf::message what, caf::execution_unit* context) {
  auto asker = std::exchange(asker_, nullptr);
  auto stages = std::exchange(stages_, {});
  if (stages.empty()) {
    asker->enqueue(nullptr, id_.response_id(), std::move(what), context);
    return;
  }
  const auto next = std::move(stages.back());
  stages.pop_back();
  next->enqueue(
    caf::make_mailbox_element(std::move(asker), id_, std::move(stages), std::move(what)), context);
}

} // namespace moor::actors
