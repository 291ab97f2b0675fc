#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "moor/actors/on_lane.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/port.hpp"

#include "connections.hpp"
#include "contenders.hpp"
#include "moor_clients.hpp"

namespace compare {

namespace {

moor::actors::turn_at on_loop(const caf::mailbox_element&) {
  return moor::actors::turn_at::loop;
}

/// Sends on its connection what it is asked to. Nothing else.
class bare_actor final : public moor::actors::on_lane<caf::event_based_actor, on_loop> {
public:
  bare_actor(caf::actor_config& with, std::shared_ptr<moor::mongo::connection> connection)
    : on_lane{with, connection->lane()}, connection_(std::move(connection)) {}

  caf::behavior make_behavior() override {
    return {[this](const moor::command& what) -> caf::result<moor::document> {
      auto answer = connection_->command(what.database, what.body);
      if (const auto* why = std::get_if<moor::failure>(&answer))
        return moor::make_error(*why);
      return std::get<moor::document>(std::move(answer));
    }};
  }

private:
  std::shared_ptr<moor::mongo::connection> connection_;
};

} // namespace

result run_bare_actors(const options& what) {
  config cfg{what.scheduler};
  caf::actor_system system{cfg};
  const operation todo{what.operation};
  std::vector<caf::actor> connections;
  for (auto& one : connect_all(what))
    connections.push_back(system.spawn<bare_actor, caf::lazy_init>(std::move(one)));
  result measured{std::chrono::seconds{what.seconds}, std::vector<samples>(what.clients)};
  window during{what.clients, measured.length};
  std::vector<load> loads;
  loads.reserve(connections.size());
  for (const auto& one : connections) // each takes the place of a pool
    loads.push_back({caf::actor_cast<moor::pool_actor>(one), todo, during, false});
  caf::scoped_actor self{system};
  const auto before = cpu_time();
  run_clients(self, loads, measured.clients);
  measured.cpu = cpu_time() - before;
  for (const auto& one : connections)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  return measured;
}

} // namespace compare
