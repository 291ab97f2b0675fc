// Whom a pool gives up in an overload and while degraded, what it keeps for critical requests, and
// what it says of its load.
#define CAF_SUITE pool_shedding

#include "machines/pool_rig.hpp"

#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

namespace {

/// One connection, and the shedding of the defaults.
settings shedding_with(std::size_t size) {
  auto s = at_most(size, size);
  s.wait_queue_limit = 20;
  s.shedding = {};
  return s;
}

/// All connections are lent; nothing comes back by itself.
struct busy_pool : pool_rig {
  explicit busy_pool(const settings& config, priority level = priority::normal)
    : pool_rig(ready_with(config.max_pool_size, config)) {
    for (std::size_t i = 0; i < config.max_pool_size; ++i)
      leases.push_back(lease(check_out(1h, level)));
    orders();
    events();
  }
  /// `count` requests that join in one moment.
  std::vector<request_id> ask(int count, priority level = priority::normal) {
    std::vector<request_id> all;
    for (int i = 0; i < count; ++i)
      all.push_back(check_out(1h, level));
    return all;
  }
  /// The time of the next deadline comes.
  void wait_for_deadline() {
    pass(until_next_deadline());
    expire();
  }

  std::vector<lease_id> leases;
};

machines::roll roll_of(const busy_pool& pool, const std::vector<request_id>& waiting, instant since,
                       priority level = priority::normal) {
  machines::roll there;
  for (std::size_t i = 0; i < pool.leases.size(); ++i) {
    there.connections.insert(i + 1);
    there.leases.emplace(pool.leases[i], i + 1);
  }
  for (const auto request : waiting)
    there.waiting.push_back(
      {.request = request, .level = level, .since = since, .deadline = since + 1h});
  return there;
}

} // namespace

// -- by waiting time ------------------------------------------------------------------------------

CAF_TEST(with nobody served for an interval the oldest are shed down to the size of the pool) {
  busy_pool pool{shedding_with(2)};
  const auto all = pool.ask(5);
  CAF_CHECK(pool.until_next_deadline() == 2s);
  pool.wait_for_deadline();
  for (std::size_t i = 0; i < 3; ++i)
    CAF_CHECK_EQUAL(pool.answer(all[i]), "shed");
  CAF_CHECK_EQUAL(pool.answer(all[3]) + pool.answer(all[4]), "waitingwaiting");
  CAF_CHECK_EQUAL(pool.why(all[0]), "CoDel: waited 2000 ms, above 2 x queue-target 50 ms, in an "
                                    "overloaded interval");
  CAF_CHECK_EQUAL(pool.events(), "CheckOutStarted, CheckOutStarted, CheckOutStarted, "
                                 "CheckOutStarted, CheckOutStarted, CheckOutFailed shed, "
                                 "CheckOutFailed shed, CheckOutFailed shed");
  const auto s = pool.stats();
  CAF_CHECK_EQUAL(s.shed, 3u);
  CAF_CHECK_EQUAL(s.shed_overload, 3u);
  CAF_CHECK_EQUAL(s.refused, 3u);
  CAF_CHECK_EQUAL(s.timed_out, 0u);
}

CAF_TEST(a lease held for ever sheds nobody while no more wait than there are connections) {
  busy_pool pool{shedding_with(2)};
  const auto all = pool.ask(2);
  pool.pass(30min);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(all[0]) + pool.answer(all[1]), "waitingwaiting");
}

CAF_TEST(one more makes the oldest leave at once) {
  busy_pool pool{shedding_with(2)};
  const auto all = pool.ask(2);
  pool.pass(10s);
  const auto one_more = pool.check_out(1h);
  CAF_CHECK_EQUAL(pool.answer(all[0]), "shed");
  CAF_CHECK_EQUAL(pool.answer(all[1]) + pool.answer(one_more), "waitingwaiting");
}

CAF_TEST(in an overload each is shed after twice the target) {
  busy_pool pool{shedding_with(1)};
  pool.ask(3);
  pool.wait_for_deadline();
  const auto later = pool.ask(2); // beside one of the first
  CAF_CHECK_EQUAL(pool.stats().waiting, 2u);
  CAF_CHECK(pool.until_next_deadline() == 100ms + 1ns);
  pool.pass(100ms);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(later[0]), "waiting");
  pool.pass(1ns);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(later[0]), "shed");
  CAF_CHECK_EQUAL(pool.answer(later[1]), "waiting");
}

CAF_TEST(a request served in time ends the overload) {
  busy_pool pool{shedding_with(1)};
  pool.ask(3);
  pool.wait_for_deadline();
  const auto oldest = pool.ask(1)[0];
  pool.check_in(pool.leases[0]); // to one who waited too long
  pool.pass(20ms);
  pool.check_in(pool.lease(3));
  CAF_CHECK_EQUAL(pool.answer(oldest), "connection 1"); // waited 20 ms
  const auto patient = pool.ask(3);
  pool.pass(1900ms);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(patient[0]), "waiting");
}

CAF_TEST(background goes before normal and critical not at all) {
  busy_pool pool{shedding_with(1)};
  const auto critical = pool.ask(3, priority::critical);
  const auto normal = pool.ask(1);
  const auto background = pool.ask(1, priority::background);
  pool.pass(2s);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(normal[0]) + pool.answer(background[0]), "shedshed");
  const auto next_normal = pool.ask(1);
  const auto next_background = pool.ask(1, priority::background);
  pool.pass(2s + 51ms); // they joined a queue in which nobody sheddable waited
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(next_normal[0]) + pool.answer(next_background[0]), "shedshed");
  for (const auto request : critical)
    CAF_CHECK_EQUAL(pool.answer(request), "waiting");
  CAF_CHECK(pool.until_next_deadline() > 10min);
}

CAF_TEST(in an overload background waits half as long as normal) {
  busy_pool pool{shedding_with(1)};
  pool.ask(3);
  pool.wait_for_deadline();
  const auto background = pool.ask(1, priority::background)[0];
  const auto normal = pool.ask(2);
  pool.pass(51ms);
  pool.expire();
  CAF_CHECK_EQUAL(pool.answer(background), "shed");
  CAF_CHECK_EQUAL(pool.answer(normal[0]), "waiting");
}

CAF_TEST(a deadline comes before shedding) {
  busy_pool pool{shedding_with(1)};
  const auto late = pool.check_out(2s);
  pool.ask(2);
  pool.wait_for_deadline();
  CAF_CHECK_EQUAL(pool.answer(late), "wait_queue_timeout");
}

CAF_TEST(a queue target of zero sheds nobody) {
  auto config = shedding_with(1);
  config.shedding.queue_target = 0ms;
  busy_pool pool{config};
  const auto all = pool.ask(5);
  pool.pass(10min);
  pool.expire();
  for (const auto request : all)
    CAF_CHECK_EQUAL(pool.answer(request), "waiting");
}

// -- a restart ------------------------------------------------------------------------------------

CAF_TEST(a restart sheds nobody by the time it took) {
  busy_pool pool{shedding_with(1)};
  const auto since = pool.now();
  const auto all = pool.ask(3);
  pool.pass(1s);
  pool.expire();
  pool.pass(5s); // without a supervisor
  pool.adopt(roll_of(pool, all, since));
  CAF_CHECK_EQUAL(pool.answer(all[0]), "waiting");
  CAF_CHECK(pool.until_next_deadline() == 1s);
  pool.wait_for_deadline();
  CAF_CHECK_EQUAL(pool.answer(all[0]) + pool.answer(all[1]), "shedshed");
}

CAF_TEST(a restart keeps an overload) {
  busy_pool pool{shedding_with(1)};
  pool.ask(3);
  pool.wait_for_deadline();
  const auto since = pool.now();
  const auto later = pool.ask(1);
  pool.adopt(roll_of(pool, {3, later[0]}, since));
  CAF_CHECK(pool.until_next_deadline() == 100ms + 1ns);
}

// -- by degradation -------------------------------------------------------------------------------

CAF_TEST(while degraded background is refused at once and those who wait with it) {
  busy_pool pool{shedding_with(1)};
  const auto waiting = pool.ask(1, priority::background)[0];
  pool.set_degraded(degradation::degraded);
  const auto late = pool.check_out(1s, priority::background);
  for (const auto request : {waiting, late}) {
    CAF_CHECK_EQUAL(pool.answer(request), "shed");
    CAF_CHECK_EQUAL(pool.why(request), "degraded: background requests are shed");
  }
  CAF_CHECK_EQUAL(pool.stats().shed_degraded, 2u);
  CAF_CHECK(pool.stats().degradation == degradation::degraded);
  pool.set_degraded(degradation::none);
  CAF_CHECK_EQUAL(pool.answer(pool.check_out(1s, priority::background)), "waiting");
}

CAF_TEST(while degraded normal is refused beyond a share of the queue and critical is not ) {
  busy_pool pool{shedding_with(1)}; // 10 % of 20
  pool.set_degraded(degradation::degraded);
  const auto first = pool.ask(2);
  const auto third = pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(first[0]) + pool.answer(first[1]), "waitingwaiting");
  CAF_CHECK_EQUAL(pool.why(third),
                  "degraded: normal requests are shed while 2 or more requests wait");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out(1s, priority::critical)), "waiting");
}

CAF_TEST(while degraded normal is served at once with a share of zero) {
  auto config = shedding_with(1);
  config.shedding.degraded_queue_share = 0;
  auto pool = pool_rig::ready_with(1, config);
  pool.set_degraded(degradation::degraded);
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "connection 1");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "waiting");
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "shed");
}

// -- the critical reserve -------------------------------------------------------------------------

CAF_TEST(while degraded a share of the connections is for critical requests alone) {
  auto config = shedding_with(4);
  config.shedding.critical_reserve = 0.25;
  auto pool = pool_rig::ready_with(4, config);
  pool.set_degraded(degradation::degraded);
  pool.check_in(pool.lease(pool.check_out(1s, priority::critical)));
  std::vector<request_id> normal;
  for (int i = 0; i < 4; ++i)
    normal.push_back(pool.check_out());
  CAF_CHECK_EQUAL(pool.answer(normal[3]), "waiting");
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
  const auto critical = pool.check_out(1s, priority::critical);
  CAF_CHECK_NOT_EQUAL(pool.lease(critical), 0u);
  pool.check_in(pool.lease(critical));
  CAF_CHECK_EQUAL(pool.answer(normal[3]), "waiting");
  pool.check_in(pool.lease(normal[0])); // one less of the others
  CAF_CHECK_NOT_EQUAL(pool.lease(normal[3]), 0u);
}

CAF_TEST(what was kept is granted when the pool is well again) {
  auto config = shedding_with(1);
  config.shedding.critical_reserve = 1;
  auto pool = pool_rig::ready_with(1, config);
  pool.check_in(pool.lease(pool.check_out(1s, priority::critical)));
  pool.set_degraded(degradation::degraded);
  const auto normal = pool.check_out();
  CAF_CHECK_EQUAL(pool.answer(normal), "waiting");
  pool.set_degraded(degradation::none);
  CAF_CHECK_EQUAL(pool.answer(normal), "connection 1");
}

CAF_TEST(nothing is kept in a pool that nobody ever asked for critical) {
  auto config = shedding_with(1);
  config.shedding.critical_reserve = 1;
  auto pool = pool_rig::ready_with(1, config);
  pool.set_degraded(degradation::degraded);
  CAF_CHECK_EQUAL(pool.answer(pool.check_out()), "connection 1");
}

CAF_TEST(what was kept in an overload is granted when too few wait to be one) {
  auto config = shedding_with(2);
  config.shedding.critical_reserve = 0.5;
  busy_pool pool{config};
  pool.withdraw(pool.check_out(1s, priority::critical));
  pool.ask(3);
  pool.pass(2s);
  pool.expire();                  // sheds down to two,
  const auto young = pool.ask(3); // which these drive out
  pool.check_in(pool.leases[0]);
  CAF_CHECK_EQUAL(pool.stats().waiting, 3u);
  CAF_CHECK_EQUAL(pool.stats().available, 1u);
  pool.withdraw(young[2]);
  CAF_CHECK_EQUAL(pool.stats().available, 0u);
  CAF_CHECK_NOT_EQUAL(pool.lease(young[0]), 0u);
}

// -- saturation -----------------------------------------------------------------------------------

CAF_TEST(saturation is told once per episode) {
  auto config = shedding_with(2);
  config.saturation_threshold = 100ms;
  busy_pool pool{config};
  const auto first = pool.ask(1)[0];
  CAF_CHECK(pool.until_next_deadline() == 100ms + 1ns);
  pool.wait_for_deadline();
  CAF_CHECK_EQUAL(pool.orders(), "saturated: 1 waiting, 2 in use, oldest 100 ms");
  const auto others = pool.ask(3);
  pool.pass(150ms);
  pool.expire();
  CAF_CHECK_EQUAL(pool.orders(), "");
  for (const auto request : others)
    pool.withdraw(request);
  CAF_CHECK_EQUAL(pool.orders(), "");
  pool.withdraw(first);
  CAF_CHECK_EQUAL(pool.orders(), "relieved: lasted 150 ms, most waiting 4");
  pool.ask(1);
  pool.pass(1s);
  pool.expire();
  CAF_CHECK_EQUAL(pool.orders(), "saturated: 1 waiting, 2 in use, oldest 1000 ms");
}

CAF_TEST(waiting for a connection that is being established is no saturation) {
  auto config = shedding_with(2);
  config.saturation_threshold = 100ms;
  auto pool = pool_rig::ready_with(0, config);
  pool.check_out(10s);
  pool.pass(1s);
  pool.expire();
  CAF_CHECK_EQUAL(pool.orders(), "open 1");
}

CAF_TEST(a pool that is cleared relieves) {
  auto config = shedding_with(1);
  config.saturation_threshold = 100ms;
  busy_pool pool{config};
  pool.ask(1);
  pool.wait_for_deadline();
  pool.orders();
  pool.clear();
  CAF_CHECK_EQUAL(pool.orders(), "seek server, relieved: lasted 0 ms, most waiting 1");
}
