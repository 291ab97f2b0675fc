#include "director.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "moor/messages/caf_errors.hpp"
#include "moor/runtime/ask.hpp"

#include "follower.hpp"
#include "loader.hpp"
#include "query_client.hpp"
#include "screen.hpp"
#include "wait_meter.hpp"

namespace package_index {

namespace {

/// Longer than any question of a child: none is reported late for good reason.
constexpr auto patience = std::chrono::seconds{60};
constexpr auto progress_interval = std::chrono::milliseconds{100};

const moor::request_options administering{.operation = "administer the index",
                                          .timeout = std::chrono::seconds{30}};

struct director_state;
using self_ptr = caf::stateful_actor<director_state>*;

struct director_state {
  static constexpr const char* name = "director";

  explicit director_state(self_ptr self_pointer) : self(self_pointer) {}

  // -- in the order in which it happens -----------------------------------------------------------

  void drop_old_index() {
    show("dropping the old index", 0, "");
    ask(drop_database(), [this](const moor::document&) {
      show("opening a change stream", 0, "");
      follower = spawn_follower(self, pool);
    });
  }

  void on_following(following& f) {
    result.no_change_stream = std::move(f.unavailable);
    if (result.no_change_stream)
      follower = nullptr;
    began = self->clock().now();
    on_loaded({});
    spawn_loader(self, pool, todo.packages);
  }

  void on_loaded(const loaded& so_far) {
    result.indexed = so_far;
    const auto done = so_far.by_run + so_far.by_command;
    const auto all = todo.packages->size();
    show("indexing", static_cast<double>(done) / static_cast<double>(all),
         std::to_string(done) + " of " + std::to_string(all) + " packages");
    if (done != all)
      return;
    result.indexing = self->clock().now() - began;
    ask(create_indexes(), [this](const moor::document&) { start_clients(); });
  }

  void start_clients() {
    meter = spawn_wait_meter(self, pool);
    began = self->clock().now();
    for (std::size_t i = 0; i < todo.clients; ++i)
      clients.push_back(
        spawn_query_client(self, pool, todo.packages, static_cast<std::uint32_t>(i + 1)));
    watch_clients();
  }

  void watch_clients() {
    const auto passed = self->clock().now() - began;
    if (passed >= todo.load)
      return finish_clients();
    const std::chrono::duration<double> seconds = passed;
    const std::chrono::duration<double> all = todo.load;
    const auto text = std::to_string(todo.clients) + " clients, " + fixed(seconds.count(), 1)
                      + " of " + fixed(all.count(), 0) + " s";
    show("answering", seconds / all, text);
    self->delayed_send(self, progress_interval, again{});
  }

  void finish_clients() {
    show("answering", 1, "waiting for the last answers");
    reports_due = clients.size();
    for (const auto& client : clients)
      self->request(client, patience, finish{})
        .then([this](client_report& report) { on_report(report); }, failed());
  }

  void on_report(client_report& report) {
    auto& sum = result.load;
    sum.look_ups += report.look_ups;
    sum.aggregations += report.aggregations;
    sum.errors += report.errors;
    if (!report.last_error.empty())
      sum.last_error = std::move(report.last_error);
    sum.took.insert(sum.took.end(), report.took.begin(), report.took.end());
    if (--reports_due > 0)
      return;
    result.loading = self->clock().now() - began;
    self->request(meter, patience, finish{})
      .then(
        [this](waits& seen) {
          result.waiting = std::move(seen);
          ask_sections();
        },
        failed());
  }

  void ask_sections() {
    show("asking the last three questions", 0, "");
    ask(count_by_section(), [this](const moor::document& reply) {
      result.sections = rows_of(reply, "packages");
      ask(find_largest(3), [this](const moor::document& largest) {
        result.largest = rows_of(largest, "installed_size");
        ask(find_dependants(todo.dependants_of), [this](const moor::document& dependants) {
          result.dependants = rows_of(dependants, "none");
          finish_following();
        });
      });
    });
  }

  void finish_following() {
    if (!follower)
      return take_stats();
    self->request(follower, patience, finish{})
      .then(
        [this](const changes& seen) {
          result.seen = seen;
          take_stats();
        },
        failed());
  }

  void take_stats() {
    self->request(pool, patience, moor::get_stats{})
      .then(
        [this](moor::pool_stats& stats) {
          result.pool = std::move(stats);
          self->send(screen, std::move(result));
          self->quit();
        },
        failed());
  }

  // -- what the steps have in common --------------------------------------------------------------

  template <class F>
  void ask(moor::document question, F on_reply) {
    moor::ask_command(self, pool, administering, database, std::move(question))
      .then(std::move(on_reply), failed());
  }

  std::function<void(caf::error&)> failed() {
    return [this](caf::error& why) { self->quit(std::move(why)); };
  }

  void show(const char* doing, double share, std::string detail) const {
    self->send(screen, progress{doing, share, std::move(detail)});
  }

  self_ptr self;
  moor::pool_actor pool;
  caf::actor screen;
  plan todo;
  caf::actor follower;
  caf::actor meter;
  std::vector<caf::actor> clients;
  std::size_t reports_due = 0;
  moor::instant began;
  summary result;
};

caf::behavior director(self_ptr self, const moor::pool_actor& pool, const caf::actor& screen,
                       plan what) {
  auto& s = self->state;
  s.pool = pool;
  s.screen = screen;
  s.todo = std::move(what);
  s.drop_old_index();
  return {
    [self](following& f) { self->state.on_following(f); },
    [self](const loaded& so_far) { self->state.on_loaded(so_far); },
    [self](again) { self->state.watch_clients(); },
  };
}

} // namespace

caf::actor spawn_director(caf::actor_system& system, const moor::pool_actor& pool,
                          const caf::actor& screen, plan what) {
  return system.spawn(director, pool, screen, std::move(what));
}

} // namespace package_index
