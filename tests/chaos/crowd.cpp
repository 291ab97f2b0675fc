#include "chaos/crowd.hpp"

#include <utility>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

namespace moor::chaos {

namespace {

struct crowd {
  caf::event_based_actor* self;
  std::shared_ptr<world> shared;
  std::uint64_t seed;
  std::size_t alive = 0;

  void add() {
    self->monitor(spawn_client(self->system(), shared, ++seed));
    ++alive;
  }

  void on_down() {
    --alive;
    if (!shared->ending)
      add();
    else if (alive == 0)
      self->quit();
  }
};

} // namespace

caf::actor spawn_crowd(caf::actor_system& system, std::shared_ptr<world> shared, std::size_t size,
                       std::uint64_t seed) {
  return system.spawn([=](caf::event_based_actor* self) -> caf::behavior {
    // Clients of one seed are told apart by it, so the seeds of two runs must lie far apart.
    auto all = std::make_shared<crowd>(crowd{self, shared, seed * 1'000'000'007});
    for (std::size_t i = 0; i < size; ++i)
      all->add();
    self->set_down_handler([all](const caf::down_msg&) { all->on_down(); });
    return {[](int) {}};
  });
}

} // namespace moor::chaos
