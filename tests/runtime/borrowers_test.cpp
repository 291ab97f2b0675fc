// Borrowers on threads of their own that die: scoped actors and detached ones, over the fake
// driver.
#define CAF_SUITE borrowers

#include <caf/test/dsl.hpp>

#include <future>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "moor/messages/caf_errors.hpp"
#include "moor/runtime/ask.hpp"
#include "moor/runtime/supervisor.hpp"
#include "support/fake_driver.hpp"
#include "support/patience.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

struct borrowers_rig {
  borrowers_rig() {
    settings s;
    s.uri = "mongodb://fake";
    s.health.interval = duration::zero(); // its connections are counted
    s.min_pool_size = 0;
    s.max_pool_size = 1;
    s.check_after_idle = 1h;
    s.statistics_interval = 0s;
    auto made = spawn_supervised_pool(system, {.config = s, .driver = driver, .log = {}});
    address = made.address;
    pool = caf::actor_cast<pool_actor>(made.address);
    self->request(address, forever, connect{})
      .receive([](const connected&) {}, [](const caf::error& e) { CAF_FAIL(describe(e)); });
  }

  pool_stats stats() {
    pool_stats got;
    self->request(pool, forever, get_stats{})
      .receive([&](const pool_stats& s) { got = s; },
               [](const caf::error& e) { CAF_FAIL(describe(e)); });
    return got;
  }

  /// Asks until the figures are as expected; a test that never sees them ends by ctest's limit.
  template <class Predicate>
  void wait_until(Predicate holds) {
    while (!holds(stats()))
      std::this_thread::yield();
  }

  lease lend() {
    lease got;
    ask_lease(self, pool, {.timeout = forever})
      .receive([&](lease& l) { got = std::move(l); },
               [](const caf::error& e) { CAF_FAIL(describe(e)); });
    return got;
  }

  std::shared_ptr<fake_driver> driver = std::make_shared<fake_driver>();
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  pool_supervisor_actor address;
  pool_actor pool;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(borrowers_tests, borrowers_rig)

CAF_TEST(a scoped actor that ends while it waits leaves the queue) {
  auto held = lend();
  {
    caf::scoped_actor other{system};
    ask_lease(other, pool, {.timeout = 1h});
    wait_until([](const pool_stats& s) { return s.waiting == 1; });
  }
  wait_until([](const pool_stats& s) { return s.waiting == 0; });
  CAF_CHECK_EQUAL(stats().refused, 1u);
  CAF_CHECK(held);
}

CAF_TEST(a scoped actor that ends with a lease in its mailbox gives it back) {
  {
    caf::scoped_actor other{system};
    ask_lease(other, pool, {.timeout = 1h});
    wait_until([](const pool_stats& s) { return s.out == 1; });
  }
  wait_until([](const pool_stats& s) { return s.out == 0; });
  CAF_CHECK_EQUAL(lend().connection(), 1u);
}

CAF_TEST(a thread that ends with a lease gives it back) {
  std::thread{[this] {
    caf::scoped_actor other{system};
    lease held;
    ask_lease(other, pool, {.timeout = forever})
      .receive([&](lease& l) { held = std::move(l); }, [](const caf::error&) {});
  }}.join();
  wait_until([](const pool_stats& s) { return s.out == 0 && s.returned == 1; });
  CAF_CHECK_EQUAL(lend().connection(), 1u);
}

CAF_TEST(a detached actor that is killed while it holds or waits) {
  const auto borrow = [this] {
    return system.spawn<caf::detached>([this](caf::event_based_actor* me) -> caf::behavior {
      auto kept = std::make_shared<lease>();
      ask_lease(me, pool, {.timeout = 1h})
        .then([kept](lease& l) { *kept = std::move(l); }, [](const caf::error&) {});
      return {[kept](int) {}};
    });
  };
  const auto holder = borrow();
  wait_until([](const pool_stats& s) { return s.out == 1; });
  const auto waiter = borrow();
  wait_until([](const pool_stats& s) { return s.waiting == 1; });
  caf::anon_send_exit(waiter, caf::exit_reason::kill);
  wait_until([](const pool_stats& s) { return s.waiting == 0; });
  caf::anon_send_exit(holder, caf::exit_reason::kill);
  wait_until([](const pool_stats& s) { return s.out == 0; });
  CAF_CHECK_EQUAL(lend().connection(), 1u);
}

CAF_TEST(a lease outlives the scoped actor that asked for it) {
  lease held;
  {
    caf::scoped_actor other{system};
    ask_lease(other, pool, {.timeout = forever})
      .receive([&](lease& l) { held = std::move(l); }, [](const caf::error&) {});
  }
  CAF_CHECK_EQUAL(stats().out, 1u);
  CAF_CHECK(held);
  CAF_CHECK(held.client() != nullptr);
}

CAF_TEST(promise_bounds_a_connection_that_closes_slowly_keeps_its_place) {
  std::promise<void> gate;
  driver->script->on_destroy([open = gate.get_future().share()] { open.wait_for(forever); });
  {
    const auto held = lend();
    held.mark_failed({errc::connection_lost, spoils::connection, 0, "at random"});
  }
  wait_until([](const pool_stats& s) { return s.closing == 1; });
  caf::scoped_actor other{system};
  auto request = ask_lease(other, pool, {.timeout = forever});
  wait_until([](const pool_stats& s) { return s.waiting == 1; });
  CAF_CHECK_EQUAL(stats().pending, 0u);
  CAF_CHECK_EQUAL(driver->script->made.load(), 2); // the connector's probe, and the one lent
  gate.set_value();
  request.receive([](const lease& l) { CAF_CHECK_EQUAL(l.connection(), 2u); },
                  [](const caf::error& e) { CAF_FAIL(describe(e)); });
  driver->script->on_destroy({});
}

CAF_TEST(promise_bounds_copies_of_a_lease_given_back_do_not_keep_its_connection) {
  auto held = lend();
  const auto copy = held;
  held.mark_failed({errc::connection_lost, spoils::connection, 0, "at random"});
  held.give_back();
  const auto next = lend();
  CAF_CHECK_EQUAL(next.connection(), 2u);
  CAF_CHECK_EQUAL(driver->script->open.load(), 1);
  CAF_CHECK(!copy);
}

CAF_TEST(a pool whose handles are all gone lets the actor system end) {
  {
    caf::actor_system_config other_config;
    caf::actor_system other{other_config};
    settings s;
    s.uri = "mongodb://fake";
    spawn_supervised_pool(other, {.config = s, .driver = driver, .log = {}});
  }
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
