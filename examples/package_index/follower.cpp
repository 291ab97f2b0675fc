#include "follower.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "moor/messages/caf_errors.hpp"
#include "moor/runtime/ask.hpp"

#include "change_feed.hpp"

namespace package_index {

namespace {

const moor::request_options watching{.operation = "follow changes",
                                     .timeout = std::chrono::seconds{30}};

struct follower_state;
using self_ptr = caf::stateful_actor<follower_state>*;

struct follower_state {
  static constexpr const char* name = "follower";

  explicit follower_state(self_ptr self_pointer) : self(self_pointer) {}

  void start() {
    moor::ask_lease(self, pool, watching, {.dedicated = true})
      .then(
        [this](moor::lease& granted) {
          feed = std::make_shared<change_feed>(std::move(granted));
          open();
        },
        [this](caf::error& why) { self->quit(std::move(why)); });
  }

  void open() {
    moor::ask_run(self, feed->connection(), watching,
                  [f = feed](mongoc_client_t& client) { f->open(client); })
      .then(
        [this] {
          self->send(director, following{});
          read();
        },
        [this](caf::error& why) {
          if (moor::code_of(why) != moor::errc::operation_failed)
            return self->quit(std::move(why));
          self->send(director, following{moor::describe(why)});
          self->quit();
        });
  }

  void read() {
    moor::ask_run(self, feed->connection(), watching,
                  [f = feed](mongoc_client_t&) { return f->read(); })
      .then(
        [this](std::size_t count) {
          seen.events += count;
          if (count == 0 && finishing.pending())
            close();
          else
            read();
        },
        [this](caf::error& why) { self->quit(std::move(why)); });
  }

  void close() {
    moor::ask_run(self, feed->connection(), watching, [f = feed](mongoc_client_t&) { f->close(); })
      .then(
        [this] {
          finishing.deliver(seen);
          self->quit(); // the feed goes, and with it the lease
        },
        [this](caf::error& why) { self->quit(std::move(why)); });
  }

  self_ptr self;
  moor::pool_actor pool;
  caf::actor director;
  std::shared_ptr<change_feed> feed;
  changes seen;
  caf::response_promise finishing;
};

} // namespace

caf::actor spawn_follower(caf::event_based_actor* director, const moor::pool_actor& pool) {
  return director->spawn<caf::linked>(
    [](self_ptr self, const moor::pool_actor& of, const caf::actor& parent) -> caf::behavior {
      auto& s = self->state;
      s.pool = of;
      s.director = parent;
      s.start();
      return {[self](finish) { self->state.finishing = self->make_response_promise(); }};
    },
    pool, caf::actor_cast<caf::actor>(director));
}

} // namespace package_index
