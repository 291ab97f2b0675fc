// An actor system and a loop whose work wakes its actors.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <caf/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>

#include "moor/mongo/fiber_loop.hpp"

namespace moor::actors {

struct loop_rig {
  struct config : caf::actor_system_config {
    config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", 4u);
    }
  };

  config settings;
  std::optional<caf::actor_system> system{std::in_place, settings};
  mongo::fiber_loop loop;

  /// Sends each of them a message in one round of the loop; `Unit` is what it is sent in.
  template <class Unit>
  void wake(std::vector<caf::actor> whom) {
    CAF_REQUIRE(
      loop.post([where = &*system, whom = std::move(whom)] { wake_here<Unit>(*where, whom); }));
  }

  template <class Unit>
  static void wake_here(caf::actor_system& system, const std::vector<caf::actor>& whom) {
    Unit here{&system};
    wake_in(here, whom);
  }

  static void wake_in(caf::execution_unit& here, const std::vector<caf::actor>& whom) {
    for (const auto& one : whom)
      one->enqueue(nullptr, caf::make_message_id(), caf::make_message(1), &here);
  }

  /// An actor that does it for its first message, and ends. As the next, it has no turn before.
  template <class Work>
  caf::actor spawn(Work work) {
    return spawn_for(1, std::move(work));
  }

  /// One that does it for each of `count` messages, and ends; never, if that is negative.
  template <class Work>
  caf::actor spawn_for(int count, Work work) {
    return system->spawn<caf::lazy_init>(
      [count, work](caf::event_based_actor* self) -> caf::behavior {
        return {[self, work, left = std::make_shared<int>(count)](int) {
          work();
          if (--*left == 0)
            self->quit();
        }};
      });
  }
};

} // namespace moor::actors
