#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include "moor/mongo/bson.hpp"
#include "moor/moor.hpp"

#include "../caf_config.hpp"
#include "contenders.hpp"

namespace recovery {

namespace {

caf::behavior client(caf::event_based_actor* self, const moor::pool_actor& pool, successes* seen,
                     std::size_t number) {
  const auto ping = std::get<moor::document>(moor::mongo::from_json(R"({"ping": 1})"));
  self->send(self, 1);
  return {[=](int) {
    const auto again = [=] { self->delayed_send(self, pause, 1); };
    moor::ask_command(self, pool, {.operation = "ping"}, "admin", ping)
      .then(
        [=](const moor::document&) {
          seen->succeeded(number);
          again();
        },
        [=](const caf::error&) {
          seen->failed();
          again();
        });
  }};
}

class moor_contender final : public contender {
public:
  explicit moor_contender(const std::string& uri) : contender{"moor", clients} {
    moor::settings how;
    how.uri = uri;
    how.max_pool_size = connections;
    how.min_pool_size = connections;
    how.statistics_interval = moor::duration::zero();
    const auto pool = component_.start(how);
    if (!pool)
      throw std::runtime_error{moor::describe(pool.error())};
    for (std::size_t i = 0; i < clients; ++i)
      actors_.push_back(system_.spawn(client, *pool, &seen(), i));
  }

  ~moor_contender() override {
    caf::scoped_actor self{system_};
    for (const auto& one : actors_)
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    self->wait_for(actors_);
  }

private:
  bench::caf_config config_;
  caf::actor_system system_{config_};
  moor::component component_{
    system_, {.log = {[](moor::log_level, const std::string&) {}}, .make_driver = {}}};
  std::vector<caf::actor> actors_;
};

} // namespace

std::unique_ptr<contender> make_moor(const std::string& uri) {
  return std::make_unique<moor_contender>(uri);
}

} // namespace recovery
