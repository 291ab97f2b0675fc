// Who dies, when, and what a borrower sees of it: the rows of docs/supervision.md.
#define CAF_SUITE supervision

#include "runtime/supervision_rig.hpp"

using namespace moor;
using namespace moor::test;

namespace {

struct supervision_tests_rig : supervision_rig {
  int made() const { return driver->script->made; }
  int open() const { return driver->script->open; }

  /// Kills a part and lets it be restarted.
  void kill_part(const std::string& name) {
    kill(part(name));
    recover();
  }

  /// Kills it so often that its next restart has to wait.
  void wear_out(const std::string& name) {
    kill(part(name));
    settle();
    kill(part(name));
    settle();
    CAF_REQUIRE(!part(name));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervision_tests, supervision_tests_rig)

// -- the pool supervisor -------------------------------------------------------------------------

CAF_TEST(the pool supervisor dies : a lease stays and returns to the next one) {
  start();
  auto held = ask_lease();
  kill_part("pool supervisor");
  CAF_CHECK(held->values.at(0));
  CAF_CHECK(held->values[0].client() != nullptr);
  CAF_CHECK_EQUAL(stats().out, 1u);
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(stats().out, 0u);
  CAF_CHECK_EQUAL(stats().returned, 1u);
  CAF_CHECK_EQUAL(stats().available, 1u);
}

CAF_TEST(the pool supervisor dies : idle connections are adopted and not dialled again) {
  config.min_pool_size = 2;
  start();
  CAF_CHECK_EQUAL(stats().available, 2u);
  const auto dialled = made();
  kill_part("pool supervisor");
  CAF_CHECK_EQUAL(stats().available, 2u);
  CAF_CHECK_EQUAL(ask_lease()->values.at(0).connection(), 2u);
  CAF_CHECK_EQUAL(made(), dialled);
}

CAF_TEST(the pool supervisor dies : who waits keeps place and deadline) {
  config.max_pool_size = 1;
  start();
  auto held = ask_lease();
  auto brief = ask_lease(1s);
  auto first = ask_lease(10s);
  auto second = ask_lease(10s);
  pass(400ms);
  kill_part("pool supervisor"); // and 600 ms go by
  CAF_CHECK(brief->refused(errc::wait_queue_timeout));
  held->values.clear();
  settle();
  CAF_CHECK(first->granted());
  CAF_CHECK_EQUAL(second->count(), 0u);
}

CAF_TEST(the pool supervisor dies : what is sent while none is there is handled by the next) {
  start();
  auto held = ask_lease();
  wear_out("pool supervisor");
  held->values.clear(); // returns to nobody
  auto asked = ask_lease();
  auto done = ask_command();
  CAF_CHECK_EQUAL(asked->count() + done->count(), 0u);
  pass(5ms);
  CAF_CHECK(asked->granted());
  CAF_CHECK(done->granted());
  CAF_CHECK_EQUAL(stats().returned, 2u);
  CAF_CHECK_EQUAL(stats().out, 1u);
}

CAF_TEST(the pool supervisor dies : a drain under way goes on) {
  start();
  auto held = ask_lease();
  auto ended = ask<drained>(drain{10s});
  kill_part("pool supervisor");
  CAF_CHECK(ask_lease()->refused(errc::draining));
  held->values.clear();
  settle();
  CAF_REQUIRE(ended->granted());
  CAF_CHECK_EQUAL(ended->values[0].returned, 1u);
  CAF_CHECK_EQUAL(open(), 0);
}

CAF_TEST(the pool supervisor dies : subscribers miss nothing) {
  start();
  ask_lease();
  kill_part("pool supervisor");
  ask_lease();
  settle();
  std::uint64_t granted = 0;
  for (const auto& e : events)
    granted += e.type == event_type::checked_out ? 1 : 0;
  CAF_CHECK_EQUAL(granted, 2u);
}

CAF_TEST(a request that ends two pool supervisors is refused and the others are served) {
  start();
  auto before = ask_lease();
  int deaths = 0;
  bool armed = false;
  fault = [&] {
    if (armed && deaths < 2) {
      ++deaths;
      throw std::runtime_error("poison");
    }
  };
  armed = true;
  auto poison = ask_command();
  recover();
  CAF_CHECK_EQUAL(deaths, 2);
  CAF_CHECK(poison->refused(errc::restarted));
  CAF_CHECK(ask_command()->granted());
  CAF_CHECK(before->values.at(0));
}

// -- the connector -------------------------------------------------------------------------------

CAF_TEST(the connector dies : a connection being established is finished for who waits) {
  start();
  driver->script->on_establish([this] {
    driver->script->on_establish({});
    kill(part("connector"));
  });
  auto waits = ask_lease();
  recover();
  CAF_CHECK(waits->granted());
  CAF_CHECK_EQUAL(stats().total, 1u);
  CAF_CHECK_EQUAL(open(), 1);
}

CAF_TEST(the connector dies : a server that is lost is looked for without end) {
  config.retry.attempts = 2;
  config.retry.longest_delay = 1s;
  start();
  for (int i = 0; i < 20; ++i)
    driver->script->next_establish(network_failure());
  CAF_CHECK(ask_lease()->refused(errc::connect_failed));
  CAF_CHECK_EQUAL(stats().phase, pool_phase::paused);
  for (int i = 0; i < 30; ++i) {
    kill_part("connector");
    pass(1s);
  }
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  CAF_CHECK_EQUAL(stats().reconnections, 1u);
}

// -- connections ---------------------------------------------------------------------------------

CAF_TEST(the actor of a connection dies idle : the connection stays) {
  start();
  ask_lease();
  kill(connection_part());
  settle();
  CAF_CHECK_EQUAL(stats().available, 1u);
  CAF_CHECK(ask_command()->granted());
  CAF_CHECK_EQUAL(ask_lease()->values.at(0).connection(), 1u);
  CAF_CHECK_EQUAL(made(), 2); // the probe and this one
}

CAF_TEST(the actor of a connection dies lent : the lease stays and works) {
  start();
  auto held = ask_lease();
  kill(connection_part());
  settle();
  CAF_CHECK(held->values.at(0));
  CAF_CHECK(ask_command(held->values[0].id())->granted());
  CAF_CHECK_EQUAL(stats().revoked, 0u);
}

CAF_TEST(the actor of a connection dies with work to do : its borrower is told at once) {
  start();
  auto held = ask_lease();
  const auto id = held->values.at(0).id();
  const auto actor = connection_part();
  bool struck = false;
  before_step = [&] {
    // Between the order and its execution: the kill overtakes the job.
    if (!std::exchange(struck, true))
      kill(actor);
  };
  auto work = ask_command(id);
  CAF_CHECK_EQUAL(work->count(), 1u);
  recover();
  CAF_CHECK(ask_command()->granted());
  CAF_CHECK_EQUAL(stats().granted, stats().returned + stats().revoked + stats().out);
}

CAF_TEST(the actor of a connection dies while it is established : who waits is told at once) {
  start();
  driver->script->on_establish([this] {
    driver->script->on_establish({});
    throw std::runtime_error("no more");
  });
  auto asked = ask_lease();
  CAF_CHECK(asked->refused(errc::connect_failed));
  CAF_CHECK_EQUAL(open(), 0);
  CAF_CHECK(ask_lease()->granted());
}

CAF_TEST(a lease that goes away with the last message about its borrower returns) {
  // The borrower's own end message holds the last reference to it, and so to the lease in it.
  struct holder : caf::event_based_actor {
    holder(caf::actor_config& cfg, pool_supervisor_actor pool_handle)
      : caf::event_based_actor(cfg), pool(std::move(pool_handle)) {}
    caf::behavior make_behavior() override {
      request(pool, caf::infinite, acquire{}).then([this](lease& l) {
        held = std::move(l);
        quit();
      });
      request(pool, caf::infinite, moor::command{{}, "db", document{{5, 0, 0, 0, 0}}, 0})
        .then([](const document&) {});
      return {};
    }
    pool_supervisor_actor pool;
    lease held;
  };
  config.max_pool_size = 1;
  start();
  auto first = ask_lease();
  sys.spawn<holder>(pool);
  settle();
  first->values.clear();
  recover();
  CAF_CHECK_EQUAL(stats().out, 0u);
  CAF_CHECK_EQUAL(stats().waiting, 0u);
}

// -- borrowers -----------------------------------------------------------------------------------

CAF_TEST(a borrower dies waiting : it leaves the queue at once) {
  config.max_pool_size = 1;
  start();
  auto held = ask_lease();
  auto gone = ask_lease();
  auto next = ask_lease();
  CAF_CHECK_EQUAL(stats().waiting, 2u);
  kill(gone->asker);
  settle();
  CAF_CHECK_EQUAL(stats().waiting, 1u);
  CAF_CHECK_EQUAL(events.back().reason, event_reason::borrower_gone);
  held->values.clear();
  settle();
  CAF_CHECK(next->granted());
}

CAF_TEST(a borrower dies waiting and the pool supervisor over the news of it) {
  config.max_pool_size = 1;
  start();
  auto held = ask_lease();
  auto gone = ask_lease();
  fault = [this] {
    fault = [] {};
    throw std::runtime_error("a fault");
  };
  kill(gone->asker);
  recover();
  CAF_CHECK_EQUAL(stats().restarts, 1u);
  CAF_CHECK_EQUAL(stats().waiting, 0u);
}

CAF_TEST(an error message to the address does no harm) {
  start();
  auto held = ask_lease();
  caf::anon_send(caf::actor_cast<caf::actor>(pool), caf::make_error(caf::sec::runtime_error));
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(stats().out, 0u);
  CAF_CHECK_EQUAL(stats().restarts, 0u);
}

CAF_TEST(a borrower dies waiting over a restart : it leaves the queue all the same) {
  config.max_pool_size = 1;
  start();
  auto held = ask_lease();
  auto gone = ask_lease();
  kill_part("pool supervisor");
  kill(gone->asker);
  settle();
  CAF_CHECK_EQUAL(stats().waiting, 0u);
}

CAF_TEST(a borrower dies holding : an idle connection returns to use with the same number) {
  start();
  auto holder = sys.spawn([this](caf::event_based_actor* me) -> caf::behavior {
    auto kept = std::make_shared<lease>();
    me->request(caf::actor_cast<caf::actor>(pool), caf::infinite, acquire{}).then([kept](lease& l) {
      *kept = std::move(l);
    });
    return {[kept](int) {}};
  });
  settle();
  CAF_CHECK_EQUAL(stats().out, 1u);
  kill(holder);
  settle();
  CAF_CHECK_EQUAL(stats().out, 0u);
  CAF_CHECK_EQUAL(ask_lease()->values.at(0).connection(), 1u);
}

CAF_TEST(a borrower dies in the middle of work : its connection is destroyed and replaced) {
  start();
  caf::actor asker;
  bool ran = false;
  asker = sys.spawn([&, this](caf::event_based_actor* me) -> caf::behavior {
    me->request(caf::actor_cast<caf::actor>(pool), caf::infinite,
                moor::run{{.operation = "long"},
                          [&](_mongoc_client_t&) {
                            ran = true;
                            // Its death is known before its work is done.
                            kill(asker);
                            while (consume_message())
                              ;
                            return run_result{};
                          }})
      .then([](run_result&) {}, [](const caf::error&) {});
    return {[](int) {}};
  });
  settle();
  CAF_CHECK(ran);
  CAF_CHECK_EQUAL(driver->script->interrupts.load(), 1);
  CAF_CHECK_EQUAL(open(), 0);
  CAF_CHECK_EQUAL(ask_lease()->values.at(0).connection(), 2u);
}

CAF_TEST(work that ends as its deadline comes does not bring back a connection that was cut) {
  start();
  auto late = ask_run(
    [this](_mongoc_client_t&) {
      advance_time(100ms);
      while (consume_message()) // the pool sees the deadline, and the result comes after that
        ;
      return run_result{};
    },
    0, 100ms);
  CAF_CHECK(late->refused(errc::operation_timeout));
  CAF_CHECK_EQUAL(stats().available, 0u);
  CAF_CHECK_EQUAL(open(), 0);
  CAF_CHECK(ask_command()->granted());
}

// -- the end -------------------------------------------------------------------------------------

CAF_TEST(too many deaths : everybody is answered and monitors are told the cause) {
  config.max_pool_size = 1;
  config.restart.most = 3;
  start();
  auto held = ask_lease();
  auto waits = ask_lease();
  const auto cause = watch_end();
  for (int i = 0; i < 3; ++i)
    kill_part("connector");
  CAF_CHECK_EQUAL(waits->count(), 0u);
  kill_part("pool supervisor");
  CAF_CHECK(waits->refused(errc::stopped));
  CAF_CHECK(!held->values.at(0));
  CAF_CHECK_EQUAL(*cause, caf::exit_reason::kill);
  held->values.clear();
  CAF_CHECK_EQUAL(open(), 0);
  CAF_CHECK(ask_lease()->refused(errc::stopped));
  CAF_CHECK_EQUAL(log.back(), "pool=\"default\" event=escalated actor=\"pool supervisor\" "
                              "cause=\"exit_reason(kill)\"");
}

CAF_TEST(restarts are logged with their cause and counted) {
  start();
  kill_part("connector");
  fault = [this] {
    fault = [] {};
    throw std::runtime_error("a fault");
  };
  ask_lease();
  recover();
  CAF_CHECK_EQUAL(stats().restarts, 2u);
  CAF_REQUIRE_EQUAL(log.size(), 2u);
  CAF_CHECK_EQUAL(
    log[0], "pool=\"default\" event=restarted actor=\"connector\" cause=\"exit_reason(kill)\"");
  for (const auto& p : list())
    CAF_CHECK_EQUAL(p.restarts, p.name == "connector" || p.name == "pool supervisor" ? 1u : 0u);
}

CAF_TEST(the address and the supervisor go on after a hundred deaths of each part) {
  start();
  auto held = ask_lease();
  for (int i = 0; i < 100; ++i) {
    kill_part("pool supervisor");
    kill_part("connector");
    CAF_REQUIRE(ask_command()->granted());
  }
  CAF_CHECK(held->values.at(0));
  CAF_CHECK_EQUAL(made(), 3); // the probe and two
  CAF_CHECK_EQUAL(stats().restarts, 200u);
}

CAF_TEST(the last handle goes away : the pool ends) {
  config.min_pool_size = 2;
  start();
  CAF_CHECK_EQUAL(open(), 2);
  release();
  settle();
  CAF_CHECK_EQUAL(open(), 0);
}

CAF_TEST(an exit message to the address ends the pool and monitors see its cause) {
  config.max_pool_size = 1;
  start();
  auto held = ask_lease();
  auto waits = ask_lease();
  const auto cause = watch_end();
  caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
  settle();
  CAF_CHECK_EQUAL(*cause, caf::exit_reason::user_shutdown);
  CAF_CHECK(waits->refused(errc::stopped));
  CAF_CHECK(ask_lease()->refused(errc::stopped));
}

CAF_TEST(an actor linked to the pool that ends well does it no harm) {
  start();
  caf::anon_send_exit(pool, caf::exit_reason::normal);
  settle();
  CAF_CHECK(ask_lease()->granted());
  CAF_CHECK_EQUAL(stats().restarts, 0u);
}

CAF_TEST(the supervisor is killed : everybody is answered and nothing is left) {
  config.max_pool_size = 1;
  start();
  auto held = ask_lease();
  auto waits = ask_lease();
  kill(caf::actor_cast<caf::actor>(supervisor));
  settle();
  CAF_CHECK(waits->refused(errc::stopped));
  CAF_CHECK(ask_lease()->refused(errc::stopped));
  CAF_CHECK(!held->values.at(0));
  held->values.clear();
  CAF_CHECK_EQUAL(open(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
