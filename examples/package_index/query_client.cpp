#include "query_client.hpp"

#include <chrono>
#include <random>
#include <string>
#include <utility>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"
#include "moor/runtime/ask.hpp"

namespace package_index {

namespace {

const moor::request_options looking_up{.operation = "look up a package",
                                       .timeout = std::chrono::seconds{10}};
const moor::request_options aggregating{.operation = "aggregate packages",
                                        .timeout = std::chrono::seconds{30}};

constexpr auto pause_after_error = std::chrono::milliseconds{50};

/// The look-up by means of libmongoc; runs on a connection's own thread.
bool is_there(mongoc_client_t& client, const package& p) {
  using namespace moor::mongo;
  const collection_owner in{mongoc_client_get_collection(&client, database, collection)};
  const bson_owner filter{BCON_NEW("_id", BCON_UTF8(key_of(p).c_str()))};
  const bson_owner options{BCON_NEW("limit", BCON_INT64(1))};
  const cursor_owner found{
    mongoc_collection_find_with_opts(in.get(), filter.get(), options.get(), nullptr)};
  const bson_t* document = nullptr;
  const bool any = mongoc_cursor_next(found.get(), &document);
  bson_error_t error;
  check(!mongoc_cursor_error(found.get(), &error), error);
  return any;
}

struct client_state;
using self_ptr = caf::stateful_actor<client_state>*;

struct client_state {
  static constexpr const char* name = "query client";

  explicit client_state(self_ptr self_pointer) : self(self_pointer) {}

  void ask() {
    asked_at = self->clock().now();
    const auto& about = (*packages)[random() % packages->size()];
    const auto kind = random() % 20;
    if (kind == 0)
      ask_aggregation(any_aggregation(about));
    else if (kind < 8)
      look_up_by_run(about);
    else
      look_up_by_command(about);
  }

  moor::document any_aggregation(const package& about) {
    const auto kind = random() % 3;
    return kind == 0   ? count_by_section()
           : kind == 1 ? find_largest(10)
                       : find_dependants(about.name);
  }

  void look_up_by_run(const package& about) {
    // The function may outlive this actor, so it shares the packages.
    auto function
      = [&about, held = packages](mongoc_client_t& client) { return is_there(client, about); };
    moor::ask_run(self, pool, looking_up, std::move(function))
      .then([this](bool found) { on_look_up(found); },
            [this](const caf::error& why) { on_error(moor::describe(why)); });
  }

  void look_up_by_command(const package& about) {
    moor::ask_command(self, pool, looking_up, database, find_package(key_of(about)))
      .then([this](const moor::document& reply) { on_look_up(size_of_batch(reply) == 1); },
            [this](const caf::error& why) { on_error(moor::describe(why)); });
  }

  void ask_aggregation(moor::document question) {
    moor::ask_command(self, pool, aggregating, database, std::move(question))
      .then([this](const moor::document&) { on_answer(report.aggregations); },
            [this](const caf::error& why) { on_error(moor::describe(why)); });
  }

  void on_look_up(bool found) {
    if (found)
      on_answer(report.look_ups);
    else
      on_error("a package that was indexed is not there");
  }

  void on_answer(std::uint64_t& kind) {
    ++kind;
    report.took.push_back(self->clock().now() - asked_at);
    if (finishing.pending())
      end();
    else
      ask();
  }

  void on_error(std::string why) {
    ++report.errors;
    report.last_error = std::move(why);
    if (finishing.pending())
      end();
    else {
      pausing = true;
      self->delayed_send(self, pause_after_error, again{});
    }
  }

  void on_finish() {
    finishing = self->make_response_promise();
    if (pausing)
      end();
  }

  void end() {
    finishing.deliver(std::move(report));
    self->quit();
  }

  self_ptr self;
  moor::pool_actor pool;
  packages_ptr packages;
  std::minstd_rand random;
  moor::instant asked_at;
  bool pausing = false; // after an error, with no question asked
  client_report report;
  caf::response_promise finishing;
};

} // namespace

caf::actor spawn_query_client(caf::event_based_actor* director, const moor::pool_actor& pool,
                              packages_ptr packages, std::uint32_t seed) {
  return director->spawn<caf::linked>(
    [](self_ptr self, const moor::pool_actor& to, packages_ptr what,
       std::uint32_t seeded) -> caf::behavior {
      auto& s = self->state;
      s.pool = to;
      s.packages = std::move(what);
      s.random.seed(seeded);
      s.ask();
      return {
        [self](again) {
          self->state.pausing = false;
          self->state.ask();
        },
        [self](finish) { self->state.on_finish(); },
      };
    },
    pool, std::move(packages), seed);
}

} // namespace package_index
