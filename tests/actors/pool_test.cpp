// The pool supervisor as its borrowers see it: one answer each, by the deadline, nothing lost.
#define CAF_SUITE pool_supervisor

#include "actors/rig.hpp"
#include "moor/mongo/use.hpp"

using namespace moor;
using namespace moor::test;

CAF_TEST_FIXTURE_SCOPE(pool_supervisor_tests, pool_rig)

CAF_TEST(a lease is granted and returns with its last copy) {
  start_ready();
  auto first = ask_lease();
  CAF_REQUIRE(first->granted());
  CAF_CHECK_EQUAL(first->values[0].connection(), 1u);
  CAF_CHECK(first->values[0]);
  CAF_CHECK(first->values[0].client() != nullptr);
  auto copy = first->values[0];
  first->values.clear();
  settle();
  CAF_CHECK_EQUAL(stats().out, 1u);
  copy = {};
  settle();
  CAF_CHECK_EQUAL(stats().out, 0u);
  CAF_CHECK_EQUAL(stats().returned, 1u);
  CAF_CHECK_EQUAL(stats().available, 1u);
}

CAF_TEST(a lease given back is over for all its copies) {
  start_ready();
  auto got = ask_lease();
  auto copy = got->values.at(0);
  copy.give_back();
  settle();
  CAF_CHECK_EQUAL(stats().out, 0u);
  CAF_CHECK(!got->values[0]);
  CAF_CHECK(got->values[0].client() == nullptr);
  got->values.clear();
  settle();
  CAF_CHECK_EQUAL(stats().returned, 1u);
}

CAF_TEST(a lease marked as failed closes its connection) {
  start_ready();
  auto got = ask_lease();
  got->values.at(0).mark_failed({errc::operation_failed, spoils::nothing, 0, "half a reply"});
  got->values.clear();
  settle();
  CAF_CHECK_EQUAL(stats().total, 0u);
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
  CAF_CHECK_EQUAL(stats().last_error, "operation_failed: half a reply");
}

CAF_TEST(promise one answer : a request that waits is refused at its deadline and not before) {
  start_ready();
  auto a = ask_lease();
  auto b = ask_lease();
  auto late = ask_lease(300ms);
  pass(299ms);
  CAF_CHECK_EQUAL(late->count(), 0u);
  pass(1ms);
  CAF_REQUIRE(late->refused(errc::wait_queue_timeout));
  CAF_CHECK_EQUAL(describe(late->errors[0]),
                  "wait_queue_timeout: Timed out while checking out a connection from connection "
                  "pool (waited 300.0 ms; 2 of 2 connections in use, 0 requests waiting)");
  a->values.clear();
  settle();
  CAF_CHECK_EQUAL(late->count(), 1u);
  CAF_CHECK_EQUAL(stats().available, 1u);
  CAF_CHECK_EQUAL(stats().timed_out, 1u);
}

CAF_TEST(a deadline that passed in the mailbox is not granted) {
  start_ready();
  const auto past = sys.clock().now().time_since_epoch() - 1ms;
  auto got = ask<lease>(acquire{.options = {.timeout = 1s, .not_after = past}});
  CAF_CHECK(got->refused(errc::wait_queue_timeout));
}

CAF_TEST(promise order : equal requests are served in order of arrival) {
  start_ready();
  std::vector<answer_ptr<lease>> all;
  for (int i = 0; i < 6; ++i)
    all.push_back(ask_lease());
  for (std::size_t i = 0; i + 2 < all.size(); ++i) {
    CAF_REQUIRE(all[i]->granted());
    CAF_CHECK_EQUAL(all[i + 2]->count(), 0u);
    all[i]->values.clear();
    settle();
    CAF_CHECK(all[i + 2]->granted());
  }
}

CAF_TEST(critical requests overtake background ones) {
  config.max_pool_size = 1;
  start_ready();
  auto holder = ask_lease();
  auto background = ask_lease(0s, priority::background);
  auto critical = ask_lease(0s, priority::critical);
  holder->values.clear();
  settle();
  CAF_CHECK(critical->granted());
  CAF_CHECK_EQUAL(background->count(), 0u);
}

CAF_TEST(promise bounds : the queue refuses what exceeds its limit) {
  config.max_pool_size = 1;
  config.wait_queue_limit = 2;
  start_ready();
  auto holder = ask_lease();
  auto w1 = ask_lease();
  auto w2 = ask_lease();
  auto w3 = ask_lease();
  CAF_CHECK(w3->refused(errc::queue_full));
  CAF_CHECK_EQUAL(w1->count() + w2->count(), 0u);
}

CAF_TEST(a paused pool refuses at once) {
  start();
  CAF_CHECK(ask_lease()->refused(errc::pool_cleared));
  CAF_CHECK(ask_command(small_document)->refused(errc::pool_cleared));
}

CAF_TEST(run answers with what the function returned) {
  start_ready();
  auto got = ask_run([](_mongoc_client_t&) { return run_result{std::any{42}}; });
  CAF_REQUIRE(got->granted());
  CAF_CHECK_EQUAL(got->values[0].take<int>(), 42);
  CAF_CHECK_EQUAL(stats().out, 0u);
  CAF_CHECK_EQUAL(stats().available, 1u);
}

CAF_TEST(an exception in run becomes the error answer) {
  start_ready();
  auto got
    = ask_run([](_mongoc_client_t&) -> run_result { throw std::runtime_error("no such thing"); });
  CAF_CHECK(got->refused(errc::function_failed));
  CAF_CHECK_EQUAL(describe(got->errors.at(0)), "function_failed: no such thing");
  CAF_CHECK_EQUAL(stats().available, 1u);
}

CAF_TEST(command answers with the reply) {
  start_ready();
  auto got = ask_command(small_document);
  CAF_REQUIRE(got->granted());
  CAF_CHECK_EQUAL(got->values[0].bytes, small_document.bytes);
}

CAF_TEST(a lease takes work of its own on its own connection) {
  start_ready();
  auto held = ask_lease();
  const auto id = held->values.at(0).id();
  CAF_CHECK(ask_command(small_document, id)->granted());
  CAF_CHECK(ask_run([](_mongoc_client_t&) { return run_result{}; }, id)->granted());
  CAF_CHECK_EQUAL(stats().total, 1u);
  CAF_CHECK_EQUAL(stats().granted, 1u);
  held->values.clear();
  settle();
  CAF_CHECK(ask_command(small_document, id)->refused(errc::lease_ended));
  CAF_CHECK(in_balance());
}

CAF_TEST(a lease dropped with work in flight returns when that is done) {
  config.max_pool_size = 1;
  start_ready();
  auto held = ask_lease();
  const auto id = held->values.at(0).id();
  bool ran = false;
  auto got = ask_run(
    [&](_mongoc_client_t&) {
      ran = true;
      held->values.clear();
      return run_result{};
    },
    id);
  CAF_CHECK(ran);
  CAF_CHECK(got->granted());
  CAF_CHECK_EQUAL(stats().out, 0u);
  CAF_CHECK(in_balance());
}

CAF_TEST(impossible requests are refused with the field and what is allowed) {
  start_ready();
  CAF_CHECK(ask_lease(-1s)->refused(errc::invalid_argument));
  CAF_CHECK(ask_lease(25h)->refused(errc::invalid_argument));
  CAF_CHECK(ask_run(work{})->refused(errc::invalid_argument));
  CAF_CHECK(ask_command({})->refused(errc::invalid_argument));
  auto unnamed = ask<document>(command{{}, "", small_document});
  CAF_CHECK(unnamed->refused(errc::invalid_argument));
  CAF_CHECK_EQUAL(describe(unnamed->errors.at(0)),
                  "invalid_argument: command: database is empty, required is a database's name");
  auto priority = ask_lease(0s, static_cast<moor::priority>(7));
  CAF_CHECK(priority->refused(errc::invalid_argument));
  CAF_CHECK(ask<warmed>(warm{3})->refused(errc::invalid_argument));
  CAF_CHECK_EQUAL(stats().granted, 0u);
}

CAF_TEST(warm establishes ahead of need) {
  start_ready();
  auto got = ask<warmed>(warm{2});
  CAF_REQUIRE(got->granted());
  CAF_CHECK_EQUAL(got->values[0].established, 2u);
  CAF_CHECK_EQUAL(stats().available, 2u);
}

CAF_TEST(clear makes connections stale and refuses until the server is found) {
  start_ready();
  auto held = ask_lease();
  caf::anon_send(pool, moor::clear{});
  settle();
  CAF_CHECK_EQUAL(stats().phase, pool_phase::paused);
  CAF_CHECK(ask_lease()->refused(errc::pool_cleared));
  CAF_CHECK(held->values.at(0));
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
  find_server();
  CAF_CHECK(ask_lease()->granted());
}

CAF_TEST(clear with interrupt revokes what is lent) {
  start_ready();
  auto held = ask_lease();
  caf::anon_send(pool, moor::clear{true});
  settle();
  CAF_CHECK(!held->values.at(0));
  CAF_CHECK(held->values.at(0).client() == nullptr);
  CAF_CHECK_EQUAL(driver->script->interrupts.load(), 1);
  CAF_CHECK_EQUAL(stats().revoked, 1u);
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
  CAF_CHECK(in_balance());
}

CAF_TEST(drain refuses what is new and waits for what is out) {
  start_ready();
  auto held = ask_lease();
  auto ended = ask<drained>(drain{10s});
  CAF_CHECK_EQUAL(ended->count(), 0u);
  CAF_CHECK(ask_lease()->refused(errc::draining));
  held->values.clear();
  settle();
  CAF_REQUIRE(ended->granted());
  CAF_CHECK_EQUAL(ended->values[0].returned, 1u);
  CAF_CHECK_EQUAL(ended->values[0].cut_off, 0u);
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
  CAF_CHECK(ask_lease()->refused(errc::pool_closed));
}

CAF_TEST(drain cuts off at its deadline and says how many) {
  start_ready();
  auto held = ask_lease();
  auto ended = ask<drained>(drain{10s});
  pass(10s);
  CAF_REQUIRE(ended->granted());
  CAF_CHECK_EQUAL(ended->values[0].cut_off, 1u);
  CAF_CHECK(!held->values.at(0));
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
  CAF_CHECK(in_balance());
}

CAF_TEST(close leaves what is lent and closes it on return ) {
  start_ready();
  auto held = ask_lease();
  caf::anon_send(pool, close_pool{});
  settle();
  CAF_CHECK(ask_lease()->refused(errc::pool_closed));
  CAF_CHECK(held->values.at(0));
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
}

CAF_TEST(a connection idle for long is pinged before it is lent) {
  config.check_after_idle = 500ms;
  start_ready();
  ask_lease();
  settle();
  pass(501ms);
  auto got = ask_lease();
  CAF_CHECK(got->granted());
  CAF_CHECK_EQUAL(driver->script->pings.load(), 1);
  CAF_CHECK_EQUAL(got->values.at(0).connection(), 1u);
}

CAF_TEST(a connection that fails its ping is replaced without the borrower noticing) {
  config.check_after_idle = 500ms;
  start_ready();
  ask_lease();
  settle();
  pass(501ms);
  driver->script->next_ping(network_failure());
  auto got = ask_lease();
  CAF_REQUIRE(got->granted());
  CAF_CHECK_EQUAL(got->values[0].connection(), 2u);
  CAF_CHECK_EQUAL(driver->script->open.load(), 1);
  CAF_CHECK_EQUAL(stats().phase, pool_phase::ready);
}

CAF_TEST(idle connections are closed in the background) {
  config.max_idle_time = 5s;
  start_ready();
  ask_lease();
  CAF_CHECK_EQUAL(stats().available, 1u);
  for (int i = 0; i < 7; ++i)
    pass(1s);
  CAF_CHECK_EQUAL(stats().total, 0u);
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
}

CAF_TEST(promise one answer : the end of the pool answers everybody) {
  config.max_pool_size = 1;
  start_ready();
  auto held = ask_lease();
  auto waiting = ask_lease(1h);
  auto draining = ask<drained>(drain{1h});
  CAF_CHECK(waiting->refused(errc::draining));
  end_all();
  CAF_CHECK(draining->refused(errc::stopped));
  CAF_CHECK(ask_lease()->refused(errc::stopped));
  CAF_CHECK(!held->values.at(0));
  held->values.clear();
  settle();
  CAF_CHECK_EQUAL(driver->script->open.load(), 0);
}

CAF_TEST(an exception that says nothing becomes the error answer all the same) {
  struct mute : std::exception {
    const char* what() const noexcept override { return nullptr; }
  };
  start_ready();
  auto got = ask_run([](_mongoc_client_t&) -> run_result { throw mute{}; });
  CAF_CHECK(got->refused(errc::function_failed));
  CAF_CHECK_EQUAL(describe(got->errors.at(0)), "function_failed: an exception without a text");
  got = ask_run([](_mongoc_client_t&) -> run_result {
    throw mongo::error{failure{errc{}, spoils::nothing, 0, "odd"}};
  });
  CAF_CHECK(got->refused(errc::function_failed));
  CAF_CHECK_EQUAL(describe(got->errors.at(0)), "function_failed: odd");
  CAF_CHECK_EQUAL(driver->script->made.load(), 1);
}

CAF_TEST(a saturated pool says once who holds its connections) {
  start_ready();
  auto hold = [this](const char* operation) {
    return ask<lease>(acquire{.options = {.operation = operation, .timeout = 1s}});
  };
  auto a = hold("re\"port");
  auto b = hold("find");
  auto c = hold("find");
  pass(50ms);
  CAF_CHECK(log.empty());
  pass(51ms);
  auto d = hold("find");
  pass(100ms);
  CAF_REQUIRE_EQUAL(log.size(), 1u);
  CAF_CHECK_EQUAL(log[0], "pool=\"default\" event=saturated waiting=1 oldest_ms=101 in_use=2 "
                          "holders=\"find:1,re_port:1\"");
  a->values.clear();
  b->values.clear();
  settle();
  CAF_REQUIRE_EQUAL(log.size(), 2u);
  CAF_CHECK_EQUAL(log[1], "pool=\"default\" event=relieved lasted_ms=100 most_waiting=2");
}

CAF_TEST(an overloaded pool sheds and says by which rule and when to ask again) {
  config.wait_queue_timeout = 1h;
  start_ready();
  auto a = ask_lease();
  auto b = ask_lease();
  std::vector<answer_ptr<lease>> waiting;
  for (int i = 0; i < 3; ++i)
    waiting.push_back(ask_lease());
  pass(1999ms);
  CAF_CHECK_EQUAL(stats().shed, 0u);
  pass(1ms);
  CAF_REQUIRE_EQUAL(waiting[0]->errors.size(), 1u);
  CAF_CHECK(waiting[0]->errors[0] == errc::shed);
  CAF_CHECK(waiting[1]->errors.empty() && waiting[2]->errors.empty());
  CAF_CHECK_EQUAL(stats().shed, 1u);
  CAF_CHECK_EQUAL(stats().refused, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
