#include "loader.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"
#include "moor/runtime/ask.hpp"

namespace package_index {

namespace {

constexpr std::size_t batch_size = 50;
constexpr std::size_t most_outstanding = 4;

/// A batch may take longer than a query before it is worth a line in the log.
const moor::request_options upserting{.operation = "upsert packages",
                                      .timeout = std::chrono::seconds{30},
                                      .slow_after = std::chrono::seconds{1}};

/// Runs on a connection's own thread.
void upsert_in_bulk(mongoc_client_t& client, std::span<const package> packages) {
  using namespace moor::mongo;
  const collection_owner into{mongoc_client_get_collection(&client, database, collection)};
  const c_owner<mongoc_bulk_operation_t, mongoc_bulk_operation_destroy> bulk{
    mongoc_collection_create_bulk_operation_with_opts(into.get(), nullptr)};
  const bson_owner options{BCON_NEW("upsert", BCON_BOOL(true))};
  bson_error_t error;
  for (const auto& p : packages) {
    const auto filter = filter_for(p);
    const auto update = update_for(p);
    check(mongoc_bulk_operation_update_one_with_opts(
            bulk.get(), bson_view{filter}.get(), bson_view{update}.get(), options.get(), &error),
          error);
  }
  check(mongoc_bulk_operation_execute(bulk.get(), nullptr, &error) != 0, error);
}

struct loader_state;
using self_ptr = caf::stateful_actor<loader_state>*;

struct loader_state {
  static constexpr const char* name = "loader";

  explicit loader_state(self_ptr self_pointer) : self(self_pointer) {}

  void send_batches() {
    for (; outstanding < most_outstanding && next < packages->size(); ++outstanding) {
      const auto batch
        = std::span{*packages}.subspan(next, std::min(batch_size, packages->size() - next));
      if (next / batch_size % 2 == 0)
        send_by_run(batch);
      else
        send_by_command(batch);
      next += batch.size();
    }
  }

  void send_by_run(std::span<const package> batch) {
    // The function may outlive this actor, so it shares the packages.
    auto function
      = [batch, held = packages](mongoc_client_t& client) { upsert_in_bulk(client, batch); };
    moor::ask_run(self, pool, upserting, std::move(function))
      .then([this, batch] { count(so_far.by_run, batch.size()); },
            [this](caf::error& why) { self->quit(std::move(why)); });
  }

  void send_by_command(std::span<const package> batch) {
    moor::ask_command(self, pool, upserting, database, upsert(batch))
      .then(
        [this, batch](const moor::document& reply) {
          if (const auto problem = write_error_in(reply))
            self->quit(moor::make_error(moor::errc::operation_failed, *problem));
          else
            count(so_far.by_command, batch.size());
        },
        [this](caf::error& why) { self->quit(std::move(why)); });
  }

  void count(std::uint64_t& way, std::size_t written) {
    way += written;
    --outstanding;
    self->send(director, so_far);
    send_batches();
  }

  self_ptr self;
  moor::pool_actor pool;
  caf::actor director;
  packages_ptr packages;
  std::size_t next = 0;        // package
  std::size_t outstanding = 0; // batches
  loaded so_far;
};

} // namespace

void spawn_loader(caf::event_based_actor* director, const moor::pool_actor& pool,
                  packages_ptr packages) {
  // Without a behaviour of its own it ends when it has all answers.
  director->spawn<caf::linked>(
    [](self_ptr self, const moor::pool_actor& to, const caf::actor& parent, packages_ptr what) {
      auto& s = self->state;
      s.pool = to;
      s.director = parent;
      s.packages = std::move(what);
      s.send_batches();
    },
    pool, caf::actor_cast<caf::actor>(director), std::move(packages));
}

} // namespace package_index
