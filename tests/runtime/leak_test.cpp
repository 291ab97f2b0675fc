// Leases that are held for too long, under the whole supervision.
#define CAF_SUITE leaks

#include "runtime/supervision_rig.hpp"

#include <algorithm>

#include "moor/actors/stack_trace.hpp"

using namespace moor;
using namespace moor::test;

namespace {

struct leak_rig : supervision_rig {
  leak_rig() { config.leaks.threshold = 60s; }

  answer_ptr<lease> hold(acquire request = {}) {
    request.options.operation = "hold";
    return ask<lease>(std::move(request));
  }

  leaks_report leaks() { return ask<leaks_report>(get_leaks{})->values.at(0); }
  std::vector<lease_record> out() { return ask<leases_report>(get_leases{})->values.at(0).leases; }

  /// Time in steps that let every scan happen.
  void wait(duration d) {
    for (duration done{0}; done < d; done += 1s)
      pass(1s);
  }

  std::size_t lines(const std::string& event) const {
    return static_cast<std::size_t>(std::count_if(log.begin(), log.end(), [&](const auto& line) {
      return line.find(" event=" + event + " ") != line.npos;
    }));
  }

  std::string line(const std::string& event) const {
    for (const auto& l : log)
      if (l.find(" event=" + event + " ") != l.npos)
        return l;
    return {};
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(leak_tests, leak_rig)

CAF_TEST(a lease held for too long is reported once with who holds it and since when) {
  start();
  const auto held = hold({.options = {}, .where = call_site::here()});
  wait(60s);
  CAF_CHECK_EQUAL(lines("leak_suspected"), 0u);
  wait(2s);
  CAF_CHECK_EQUAL(lines("leaks_suspected"), 0u);
  CAF_REQUIRE_EQUAL(lines("leak_suspected"), 1u);
  const auto text = line("leak_suspected");
  CAF_MESSAGE(text);
  CAF_CHECK(has(text, "pool=\"default\" event=leak_suspected lease=1 connection=1 held_ms=6"));
  CAF_CHECK(has(text, " threshold_ms=60000 operation=\"hold\" borrower="
                        + std::to_string(held->asker->id())));
  CAF_CHECK(has(text, " where=\"leak_test.cpp:"));
  wait(120s);
  CAF_CHECK_EQUAL(lines("leak_suspected"), 1u);
  CAF_CHECK_EQUAL(leaks().out_now, 1u);
}

CAF_TEST(a lease that follows a time without any is found as soon as others) {
  start();
  for (int i = 0; i < 2; ++i) {
    wait(10min);
    const auto held = hold();
    wait(60s);
    CAF_CHECK_EQUAL(leaks().suspected, static_cast<std::uint64_t>(i));
    wait(2s);
    CAF_CHECK_EQUAL(leaks().suspected, static_cast<std::uint64_t>(i + 1));
    held->values.clear();
    settle();
    wait(2s);
    CAF_CHECK_EQUAL(leaks().out_now, 0u);
  }
}

CAF_TEST(what comes back late has its line with the time in all) {
  start();
  const auto held = hold();
  wait(70s);
  held->values.clear();
  settle();
  wait(2s);
  CAF_CHECK_EQUAL(lines("leak_returned_late"), 1u);
  CAF_CHECK(has(line("leak_returned_late"), " held_ms=70000 "));
  CAF_CHECK_EQUAL(leaks().returned_late, 1u);
}

CAF_TEST(a request has its own threshold and dedicated leases have none) {
  start();
  const auto strict = hold({.options = {}, .leak_after = 5s});
  const auto dedicated = hold({.options = {}, .dedicated = true});
  wait(7s);
  CAF_CHECK_EQUAL(lines("leak_suspected"), 1u);
  CAF_CHECK(has(line("leak_suspected"), " threshold_ms=5000 "));
  wait(10min);
  CAF_CHECK_EQUAL(lines("leak_suspected"), 1u);
  CAF_CHECK(hold({.options = {}, .leak_after = -1s})->refused(errc::invalid_argument));
  CAF_CHECK(hold({.options = {}, .leak_after = 25h})->refused(errc::invalid_argument));
}

CAF_TEST(a borrower is told before and may extend its lease) {
  start();
  std::vector<lease_overdue> told;
  lease mine;
  const auto borrower = sys.spawn([&](caf::event_based_actor* me) -> caf::behavior {
    me->request(caf::actor_cast<caf::actor>(pool), caf::infinite,
                acquire{.options = {.operation = "polite"}, .tell_when_overdue = true})
      .then([&](lease& l) { mine = std::move(l); });
    return {[&](const lease_overdue& what) {
      told.push_back(what);
      if (told.size() == 1)
        caf::anon_send(pool, extend_lease{what.lease, 30s});
    }};
  });
  settle();
  wait(62s);
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK_EQUAL(told[0].lease, mine.id());
  CAF_CHECK_EQUAL(told[0].operation, "polite");
  CAF_CHECK(told[0].answer_within == config.leaks.grace);
  wait(25s);
  CAF_CHECK_EQUAL(told.size(), 1u);
  wait(10s);
  CAF_CHECK_EQUAL(told.size(), 2u);
  CAF_CHECK_EQUAL(lines("leak_suspected"), 0u);
  wait(12s);
  CAF_CHECK_EQUAL(lines("leak_suspected"), 1u);
  mine = {};
  settle();
}

CAF_TEST(a revoked lease says so and its connection is replaced) {
  config.leaks.policy = leak_policy::revoke;
  config.max_pool_size = 1;
  start();
  const auto held = hold();
  auto& mine = held->values.at(0);
  const auto next = hold({.options = {.timeout = 10min}});
  wait(60s + 12s);
  CAF_CHECK(!mine);
  CAF_CHECK(mine.client() == nullptr);
  CAF_CHECK(ask_command(mine.id())->refused(errc::revoked));
  CAF_REQUIRE(next->granted());
  CAF_CHECK_EQUAL(next->values.at(0).connection(), 2u);
  wait(2s);
  CAF_CHECK_EQUAL(lines("leak_revoking"), 1u);
  CAF_CHECK_EQUAL(lines("leak_revoked"), 1u);
  CAF_CHECK_EQUAL(leaks().revoked, 1u);
  CAF_CHECK_EQUAL(stats().revoked, 1u);
  mine.give_back();
  settle();
  CAF_CHECK_EQUAL(stats().granted, stats().returned + stats().revoked + stats().out);
}

CAF_TEST(a lease that comes back at the moment of its revocation is counted as it ended) {
  config.leaks.policy = leak_policy::revoke;
  start();
  for (int at = 0; at < 60; ++at) { // at each step of the looks at which it is revoked
    auto held = hold();
    wait(69s);
    int step = 0;
    before_step = [&] {
      if (step++ == at)
        held->values.clear();
    };
    wait(5s);
    before_step = [] {};
    held->values.clear();
    wait(2s);
    CAF_CHECK_EQUAL(leaks().revoked, stats().revoked);
    CAF_CHECK_EQUAL(leaks().returned_late, stats().returned);
  }
  CAF_CHECK_EQUAL(leaks().revoked + leaks().returned_late, 60u);
  CAF_CHECK(leaks().revoked > 0u);
  CAF_CHECK(leaks().returned_late > 0u);
  CAF_CHECK(lines("leak_revoking") > leaks().revoked); // an order came too late at least once
}

CAF_TEST(everything that is out is listed with the oldest first) {
  start();
  const auto first = hold();
  pass(3s);
  const auto second = hold({.options = {}, .dedicated = true});
  const auto all = out();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].lease, first->values.at(0).id());
  CAF_CHECK(all[0].held == 3s);
  CAF_CHECK(all[0].use == lease_use::held);
  CAF_CHECK_EQUAL(all[0].borrower, first->asker->id());
  CAF_CHECK(all[1].dedicated);
}

CAF_TEST(deaths of detector and pool change nothing of what is reported) {
  start();
  const auto held = hold();
  wait(30s);
  kill(part("leak detector"));
  kill(part("pool supervisor"));
  settle();
  wait(20s);
  kill(part("leak detector"));
  settle();
  wait(12s);
  CAF_CHECK_EQUAL(lines("leak_suspected"), 1u);
  CAF_CHECK(has(line("leak_suspected"), " held_ms=6"));
  kill(part("leak detector"));
  settle();
  wait(10s);
  CAF_CHECK_EQUAL(lines("leak_suspected"), 1u);
  held->values.clear();
  wait(2s);
  CAF_CHECK_EQUAL(lines("leak_returned_late"), 1u);
}

CAF_TEST(a mass leak has a line for all and some for the first) {
  config.max_pool_size = 40;
  start();
  std::vector<answer_ptr<lease>> held;
  for (int i = 0; i < 40; ++i)
    held.push_back(hold());
  wait(62s);
  CAF_CHECK(has(line("leaks_suspected"), " count=40 shown=10"));
  CAF_CHECK_EQUAL(lines("leak_suspected"), 10u);
  CAF_CHECK_EQUAL(leaks().suspected, 40u);
}

CAF_TEST(the calls that led to a request are recorded if somebody wants that) {
  CAF_CHECK(actors::with_stack(call_site::here()).stack == nullptr);
  actors::record_stack_traces();
  start();
  const auto held = hold({.options = {}, .where = actors::with_stack(call_site::here())});
  wait(62s);
  CAF_CHECK(has(line("leak_suspected"), " stack=\""));
  CAF_CHECK(!out().at(0).stack.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
