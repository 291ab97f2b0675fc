// The circuit breakers as borrowers and operators meet them.
#define CAF_SUITE circuit_breakers

#include "actors/rig.hpp"
#include "moor/mongo/use.hpp"

using namespace moor;
using namespace moor::test;

namespace {

/// Breakers that open at 4 of 4 failures, for a second, and close after 2 probes.
class breakers_rig : public pool_rig {
public:
  breakers_rig() {
    config.breaker.minimum_calls = 4;
    config.breaker.permitted_probes = 2;
    config.breaker.probe_deadline = 5s;
    config.breaker.wait_in_open_state = 1s;
    config.breaker.wait_jitter = 0;
    config.retry.first_delay = 50ms;
    config.retry.longest_delay = 50ms;
  }

  /// An operation that ends as the server's silence would.
  answer_ptr<run_result> fail() {
    return ask_run([](_mongoc_client_t&) -> run_result {
      throw mongo::error{{errc::operation_timeout, spoils::connection, 0, "silence"}};
    });
  }
  answer_ptr<document> succeed() { return ask_command(small_document); }
  void open() {
    for (int i = 0; i < 4; ++i)
      fail();
  }

  breaker_figures figures(breaker_scope scope = breaker_scope::operations) {
    return ask<breaker_figures>(get_breaker{scope})->values.at(0);
  }
  std::string state(breaker_scope scope = breaker_scope::operations) {
    return std::string{to_string(figures(scope).state)};
  }
  void order(breaker_mode mode, breaker_scope scope = breaker_scope::operations) {
    caf::anon_send(pool, set_breaker{scope, mode});
    settle();
  }
  bool was_told() const {
    return std::find(seen.begin(), seen.end(), "CircuitBreakerChanged") != seen.end();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(circuit_breakers_tests, breakers_rig)

CAF_TEST(operations that keep failing are refused at once and told when to come again) {
  start_ready();
  open();
  CAF_CHECK_EQUAL(state(), "open");
  CAF_CHECK(was_told());
  for (const auto& refused : {succeed()->errors, fail()->errors, ask_lease()->errors}) {
    CAF_REQUIRE_EQUAL(refused.size(), 1u);
    CAF_CHECK(code_of(refused[0]) == errc::circuit_open);
    CAF_CHECK(retry_after_of(refused[0]) == 1s);
    CAF_CHECK_EQUAL(describe(refused[0]), "circuit_open: The circuit breaker over operations is "
                                          "open; ask again in 1000 ms");
  }
  CAF_CHECK_EQUAL(figures().refused, 3u);
  CAF_CHECK(in_balance());
}

CAF_TEST(probes close it again) {
  start_ready();
  open();
  pass(1s);
  CAF_CHECK_EQUAL(state(), "half_open");
  CAF_CHECK(succeed()->granted());
  CAF_CHECK_EQUAL(state(), "half_open");
  CAF_CHECK(succeed()->granted());
  CAF_CHECK_EQUAL(state(), "closed");
}

CAF_TEST(what is lent goes on while it is open) {
  start_ready();
  const auto held = ask_lease();
  open();
  CAF_CHECK_EQUAL(state(), "open");
  CAF_CHECK(held->values.at(0));
  CAF_CHECK(ask_command(small_document, held->values.at(0).id())->granted());
}

CAF_TEST(a prober that never comes to an end holds nothing up) {
  start_ready();
  config.breaker.probe_deadline = 5s;
  open();
  const auto busy = ask_lease();
  CAF_CHECK(busy->refused(errc::circuit_open));
  pass(1s);
  // Both probes wait for a connection that nobody gives back.
  const auto first = ask_lease();
  const auto second = ask_lease();
  CAF_CHECK(first->granted() && second->granted());
  const auto waits = ask_command(small_document);
  const auto waits_too = ask_command(small_document);
  CAF_CHECK_EQUAL(figures().probes_in_flight, 2u);
  CAF_CHECK(ask_command(small_document)->refused(errc::circuit_open));
  pass(900ms);
  CAF_CHECK_EQUAL(state(), "half_open");
  pass(100ms); // their own deadline: they were never made
  CAF_CHECK(waits->refused(errc::wait_queue_timeout));
  CAF_CHECK_EQUAL(figures().probes_in_flight, 0u);
  pass(10s);
  CAF_CHECK_EQUAL(state(), "half_open");
  first->values.clear();
  settle();
  CAF_CHECK(succeed()->granted());
  CAF_CHECK(succeed()->granted());
  CAF_CHECK_EQUAL(state(), "closed");
}

CAF_TEST(errors that do not speak against the server do not open it) {
  start_ready();
  for (int i = 0; i < 10; ++i)
    ask_run([](_mongoc_client_t&) -> run_result {
      throw mongo::error{{errc::operation_failed, spoils::nothing, 11000, "duplicate key"}};
    });
  for (int i = 0; i < 10; ++i)
    ask_run([](_mongoc_client_t&) -> run_result { throw std::runtime_error{"own"}; });
  CAF_CHECK_EQUAL(state(), "closed");
}

CAF_TEST(a wait that left the work no time does not open it) {
  config.max_pool_size = 1;
  config.breaker.failure_rate_threshold = 0.25; // the leases in between are successes
  start_ready();
  const auto late_after = [this](duration wait) {
    auto held = ask_lease();
    auto late = ask_run(
      [this](_mongoc_client_t&) {
        advance_time(100ms);
        while (consume_message()) // the pool sees the deadline before the result
          ;
        return run_result{};
      },
      0, wait + 100ms);
    advance_time(wait);
    held->values.clear();
    settle();
    return late->refused(errc::operation_timeout);
  };
  for (int i = 0; i < 6; ++i)
    CAF_CHECK(late_after(500ms));
  CAF_CHECK_EQUAL(state(), "closed");
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(late_after(50ms));
  CAF_CHECK_EQUAL(state(), "open");
}

CAF_TEST(establishing that keeps failing is left alone) {
  config.retry.attempts = 100; // so that failures in a row do not clear the pool
  start();
  CAF_CHECK(ask<connected>(connect{})->granted());
  for (int i = 0; i < 4; ++i) {
    driver->script->next_establish(network_failure());
    CAF_CHECK(ask_lease()->refused(errc::connect_failed));
  }
  CAF_CHECK_EQUAL(state(breaker_scope::establishing), "open");
  CAF_CHECK_EQUAL(state(), "closed");
  CAF_CHECK(was_told());
  const auto made = driver->script->made.load();
  const auto refused = ask_lease();
  CAF_REQUIRE(refused->refused(errc::circuit_open));
  CAF_CHECK(retry_after_of(refused->errors.at(0)).has_value());
  CAF_CHECK_EQUAL(driver->script->made.load(), made);
  pass(1s);
  CAF_CHECK(ask_lease()->granted());
  CAF_CHECK(ask_lease()->granted());
}

CAF_TEST(a server that is found again is asked at once) {
  start();
  CAF_CHECK(ask<connected>(connect{})->granted());
  open();
  CAF_CHECK_EQUAL(state(), "open");
  driver->script->next_establish(network_failure());
  caf::anon_send(pool, clear{});
  settle();
  CAF_CHECK(ask_lease()->refused(errc::pool_cleared));
  pass(50ms);
  CAF_CHECK_EQUAL(state(), "half_open");
  CAF_CHECK(succeed()->granted());
}

CAF_TEST(orders reach both breakers) {
  start_ready();
  for (const auto scope : {breaker_scope::establishing, breaker_scope::operations}) {
    order(breaker_mode::forced_open, scope);
    CAF_CHECK_EQUAL(state(scope), "forced_open");
    CAF_CHECK(ask_lease()->refused(errc::circuit_open));
    order(breaker_mode::disabled, scope);
    CAF_CHECK_EQUAL(state(scope), "disabled");
    CAF_CHECK(ask_lease()->granted());
    order(breaker_mode::on, scope);
    CAF_CHECK_EQUAL(state(scope), "closed");
  }
}

CAF_TEST(a breaker outlives the actors that serve it) {
  start_ready();
  open();
  kill_pool();
  start_pool();
  CAF_CHECK_EQUAL(state(), "open");
  order(breaker_mode::forced_open, breaker_scope::establishing);
  kill_connector();
  start_connector();
  CAF_CHECK_EQUAL(state(breaker_scope::establishing), "forced_open");
  pass(1s);
  CAF_CHECK_EQUAL(state(), "half_open");
}

CAF_TEST_FIXTURE_SCOPE_END()
