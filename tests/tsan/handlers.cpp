// Two actors work on one number: the one on a thread of its own, as a connection is, the other on
// the scheduler, as the pool supervisor is.
//
//   tsan_handlers race   both at once: ThreadSanitizer must report it
//   tsan_handlers turns  each hands it to the other: it must report nothing
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <caf/all.hpp>

namespace {

constexpr int rounds = 10000;

using step = caf::atom_constant<caf::atom("step")>;

caf::behavior racer(caf::event_based_actor* self, int* number) {
  self->send(self, step::value, 0);
  return {[=](step, int round) {
    ++*number;
    if (round == rounds)
      self->quit();
    else
      self->send(self, step::value, round + 1);
  }};
}

caf::behavior taker_of_turns(caf::event_based_actor* self, int* number) {
  return {[=](step, const caf::actor& other, int round) {
    ++*number;
    if (round == rounds) {
      self->send_exit(other, caf::exit_reason::user_shutdown);
      self->quit();
    } else {
      self->send(other, step::value, caf::actor{self}, round + 1);
    }
  }};
}

} // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  int number = 0;
  caf::actor_system_config config;
  caf::actor_system system{config};
  if (what == "race") {
    system.spawn<caf::detached>(racer, &number);
    system.spawn(racer, &number);
  } else if (what == "turns") {
    const auto other = system.spawn<caf::detached>(taker_of_turns, &number);
    caf::anon_send(system.spawn(taker_of_turns, &number), step::value, other, 0);
  } else {
    std::cerr << "usage: tsan_handlers race|turns\n";
    return EXIT_FAILURE;
  }
  system.await_all_actors_done();
  std::cout << "counted to " << number << '\n';
}
