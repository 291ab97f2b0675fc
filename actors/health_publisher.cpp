#include "moor/actors/health_publisher.hpp"

namespace moor::actors {

void health_publisher::push(const health_change& change) {
  for (const auto& s : subscribers_) {
    auto& [newest, missed] = s->waiting;
    missed += newest ? 1 : 0;
    newest = change;
  }
}

health_changed health_publisher::next(backlog& of) const {
  health_changed message{pool_, *std::move(of.newest), std::exchange(of.missed, 0)};
  of.newest.reset();
  return message;
}

} // namespace moor::actors
