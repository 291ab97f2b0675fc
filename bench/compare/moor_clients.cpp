#include "moor_clients.hpp"

#include <chrono>
#include <random>

#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "moor/mongo/handles.hpp"
#include "moor/runtime/ask.hpp"

namespace compare {

namespace {

const moor::request_options benchmark{.operation = "benchmark",
                                      .timeout = std::chrono::seconds{60}};

struct client_state;
using self_ptr = caf::stateful_actor<client_state>*;

struct client_state {
  static constexpr const char* name = "client";

  explicit client_state(self_ptr self_pointer) : self(self_pointer) {}

  void ask() {
    asked = clock::now();
    if (!of->during.go_on(asked, settled))
      return self->quit();
    const auto failed = [this](const caf::error&) {
      into->failed(of->during, asked);
      ask();
    };
    if (of->by_run)
      ask_by_run(failed);
    else
      ask_by_command(failed);
  }

  template <class F>
  void ask_by_run(F failed) {
    const auto& todo = of->todo;
    const auto& body = todo.command(random);
    moor::ask_run(self, of->pool, benchmark,
                  [&todo, &body](mongoc_client_t& client) {
                    const auto granted = clock::now();
                    do_on(client, todo.database(), body);
                    return granted;
                  })
      .then(
        [this](clock::time_point granted) {
          into->granted(of->during, asked, granted);
          on_answer();
        },
        failed);
  }

  template <class F>
  void ask_by_command(F failed) {
    moor::ask_command(self, of->pool, benchmark, of->todo.database(), of->todo.command(random))
      .then([this](const moor::document&) { on_answer(); }, failed);
  }

  void on_answer() {
    into->answered(of->during, asked, clock::now());
    ask();
  }

  self_ptr self;
  const load* of = nullptr;
  samples* into = nullptr;
  std::minstd_rand random;
  clock::time_point asked;
  bool settled = false;
};

/// Starts a client that asks until the load is over, and then quits; only it touches `into`
/// meanwhile.
caf::actor spawn_client(caf::actor_system& system, const load& of, samples& into, unsigned seed) {
  return system.spawn([&of, &into, seed](self_ptr self) {
    auto& s = self->state;
    s.of = &of;
    s.into = &into;
    s.random.seed(seed);
    s.ask();
  });
}

} // namespace

config::config(const std::string& scheduler) {
  set("scheduler.policy", caf::atom_from_string(scheduler));
}

void run_clients(caf::scoped_actor& self, std::span<const load> of, std::vector<samples>& into) {
  for (std::size_t i = 0; i < into.size(); ++i)
    self->monitor(
      spawn_client(self->system(), of[i % of.size()], into[i], static_cast<unsigned>(i + 1)));
  // Each client ends: `window` and the timeout of its request see to it.
  std::size_t ended = 0;
  self->receive_for(ended, into.size())([](const caf::down_msg&) {});
}

caf::actor spawn_meter(caf::actor_system& system, const load& of, samples& into) {
  return system.spawn([&of, &into](caf::event_based_actor* self) -> caf::behavior {
    self->send(of.pool, moor::subscribe{caf::actor_cast<caf::actor>(self)});
    return {[&of, &into](const moor::pool_events& batch) {
      const auto now = clock::now();
      for (const auto& event : batch.events)
        if (event.type == moor::event_type::checked_out && of.during.contains(now))
          into.wait.push_back(event.took);
    }};
  });
}

} // namespace compare
