// Any actor of moor's may die at any step, by a kill or an exception: nothing is lost, and nobody
// notices more than a delay.
#define CAF_SUITE restarts

#include "runtime/supervision_rig.hpp"

#include <random>

using namespace moor;
using namespace moor::test;

namespace {

/// Checks what must hold whatever happened: promises 2, 3 and 4, and that events match figures.
void check_books(supervision_rig& rig) {
  rig.recover();
  const auto s = rig.stats();
  CAF_CHECK_EQUAL(s.granted, s.returned + s.revoked + s.out);
  CAF_CHECK_EQUAL(s.total, static_cast<std::uint64_t>(rig.driver->script->open.load()));
  CAF_CHECK_EQUAL(s.waiting, 0u);
  CAF_CHECK_EQUAL(s.pending, 0u);
  CAF_CHECK_EQUAL(s.closing, 0u);
  CAF_CHECK(s.total <= s.max_size);
  // One beyond the maximum: the connector's probe.
  CAF_CHECK(static_cast<std::uint64_t>(rig.driver->script->most_open.load()) <= s.max_size + 1);
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
  for (const auto& e : rig.events) {
    begun += e.type == event_type::check_out_started ? 1 : 0;
    ended += e.type == event_type::checked_out || e.type == event_type::check_out_failed ? 1 : 0;
  }
  CAF_CHECK_EQUAL(rig.dropped, 0u);
  CAF_CHECK_EQUAL(begun, ended);
}

/// Everything a borrower does: acquire and wait, be granted, work on a lease, run, command, return.
/// All of it must succeed.
void use_the_pool(supervision_rig& rig) {
  auto first = rig.ask_lease();
  auto second = rig.ask_lease();
  auto third = rig.ask_lease(); // waits: the pool has two
  auto fourth = rig.ask_command();
  rig.recover();
  CAF_REQUIRE(first->granted());
  CAF_REQUIRE(second->granted());
  CAF_CHECK_EQUAL(third->count(), 0u);
  CAF_CHECK(rig.ask_command(first->values[0].id())->count() <= 1);
  rig.recover();
  CAF_CHECK(first->values[0]);
  const auto connection = first->values[0].connection();
  first->values[0].give_back();
  rig.settle();
  rig.recover();
  CAF_REQUIRE(third->granted()); // in its order, before the command
  CAF_CHECK_EQUAL(third->values[0].connection(), connection);
  CAF_CHECK_EQUAL(fourth->count(), 0u);
  third->values.clear();
  rig.settle();
  rig.recover();
  CAF_CHECK(fourth->granted());
  auto fifth = rig.ask_run([](_mongoc_client_t&) { return run_result{std::any{5}}; });
  rig.recover();
  CAF_CHECK(fifth->granted());
  CAF_CHECK(second->values[0]);
  second->values.clear();
  rig.settle();
}

/// Uses the pool once, with `victim` killed before step `at`. Returns whether that was reached.
bool killed_at(const std::string& victim, int at) {
  supervision_rig rig;
  rig.start();
  const auto target = rig.part(victim);
  bool reached = false;
  rig.steps = 0;
  rig.before_step = [&] {
    if (rig.steps == at && !std::exchange(reached, true))
      supervision_rig::kill(target);
  };
  use_the_pool(rig);
  check_books(rig);
  if (reached)
    CAF_CHECK_EQUAL(rig.stats().restarts, 1u);
  return reached;
}

/// Uses the pool once, with an exception at the `at`-th place where one may be.
bool failed_at(int at) {
  supervision_rig rig;
  rig.start();
  int place = 0;
  bool reached = false;
  rig.fault = [&] {
    if (place++ != at)
      return;
    reached = true;
    throw std::runtime_error("a fault");
  };
  use_the_pool(rig);
  check_books(rig);
  return reached;
}

} // namespace

CAF_TEST(promise nothing lost : the pool supervisor killed before any step) {
  int at = 0;
  while (killed_at("pool supervisor", at))
    ++at;
  CAF_MESSAGE("killed before each of " << at << " steps");
  CAF_CHECK(at > 30);
}

CAF_TEST(promise nothing lost : the connector killed before any step) {
  int at = 0;
  while (killed_at("connector", at))
    ++at;
  CAF_CHECK(at > 30);
}

CAF_TEST(promise nothing lost : an exception before any message and between any effects) {
  int at = 0;
  while (failed_at(at))
    ++at;
  CAF_MESSAGE("failed at each of " << at << " places");
  CAF_CHECK(at > 30);
}

CAF_TEST(promise one answer : many deaths at random steps and places) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    supervision_rig rig;
    rig.start();
    std::mt19937_64 random{seed};
    bool armed = true;
    rig.fault = [&] {
      if (armed && random() % 30 == 0)
        throw std::runtime_error("a fault");
    };
    rig.before_step = [&] {
      if (armed && random() % 30 == 0)
        for (const auto& p : rig.list())
          if (p.actor && random() % 2 == 0)
            supervision_rig::kill(p.actor);
    };
    std::vector<answer_ptr<lease>> leases;
    std::vector<answer_ptr<document>> commands;
    for (int i = 0; i < 10; ++i) {
      leases.push_back(rig.ask_lease());
      commands.push_back(rig.ask_command());
      if (i % 2 == 1)
        leases[static_cast<std::size_t>(i) / 2]->values.clear();
    }
    armed = false;
    for (const auto& l : leases) {
      rig.recover();
      l->values.clear();
    }
    rig.recover();
    for (const auto& l : leases)
      CAF_CHECK(l->values.size() + l->errors.size() <= 1);
    for (const auto& c : commands)
      CAF_CHECK(c->granted() || c->refused(errc::restarted) || c->refused(errc::connection_lost));
    check_books(rig);
    CAF_CHECK_EQUAL(rig.stats().out, 0u);
  }
}
