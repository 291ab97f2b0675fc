#include <iostream>
#include <string>

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "moor/moor.hpp"

#include "../warm_pool.hpp"
#include "contenders.hpp"
#include "moor_clients.hpp"

namespace compare {

namespace {

moor::settings settings_of(const options& what, std::string_view lane, std::string_view turns) {
  const auto connections = std::to_string(what.connections);
  return bench::settings_of({{"uri", what.uri},
                             {"max-pool-size", connections},
                             {"min-pool-size", connections},
                             {"command-lane", std::string{lane}},
                             {"borrower-turns", std::string{turns}},
                             // The driver's pool lets everybody wait, too.
                             {"queue-target", "0"},
                             {"statistics-interval", "0"}});
}

/// `command` has no place of ours in it where a connection is granted, so the pool's events must
/// tell. They cost time, hence a load of its own.
void measure_waits(caf::scoped_actor& self, load of, result& measured) {
  window during{measured.clients.size(),
                std::max<nanoseconds>(measured.length / 4, std::chrono::seconds{1})};
  const load observed{of.pool, of.todo, during, of.by_run};
  std::vector<samples> unused(measured.clients.size());
  auto meter = spawn_meter(self->system(), observed, measured.clients.front());
  self->monitor(meter);
  run_clients(self, {&observed, 1}, unused);
  caf::anon_send_exit(meter, caf::exit_reason::user_shutdown);
  self->receive([](const caf::down_msg&) {});
}

} // namespace

result run_moor(const options& what, bool by_run, std::string_view lane, std::string_view turns) {
  config cfg{what.scheduler};
  caf::actor_system system{cfg};
  // Standard output is for the figures.
  const auto log = [](moor::log_level, const std::string& line) { std::clog << line << '\n'; };
  moor::component component{system, {.log = {log}, .make_driver = {}}};
  caf::scoped_actor self{system};
  const auto pool
    = bench::start_warm(component, self, settings_of(what, lane, turns), what.connections);

  const operation todo{what.operation};
  result measured{std::chrono::seconds{what.seconds}, std::vector<samples>(what.clients)};
  window during{what.clients, measured.length};
  const load whole{pool, todo, during, by_run};
  const auto before = cpu_time();
  run_clients(self, {&whole, 1}, measured.clients);
  measured.cpu = cpu_time() - before;
  if (!whole.by_run)
    measure_waits(self, whole, measured);
  component.drain(std::chrono::seconds{5});
  return measured;
}

} // namespace compare
