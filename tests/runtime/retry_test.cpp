// Requests that are attempted again, in a supervised pool over the fake driver.
#define CAF_SUITE retries

#include "runtime/supervision_rig.hpp"

#include <utility>

#include "moor/mongo/use.hpp"

using namespace moor;
using namespace moor::test;

namespace {

struct retry_rig : supervision_rig {
  retry_rig() {
    config.request_retry = {.budget = 1, .first_delay = 1s, .longest_delay = 10s};
    config.max_pool_size = 1;
  }

  /// Starts the pool, and has requests enough for a few retries.
  void start_rich() {
    start();
    for (int i = 0; i < saved; ++i)
      ask_command();
  }

  /// A function that fails `times` times as if its connection were lost, then counts its calls.
  work failing(int times, errc code = errc::connection_lost) {
    return [this, times, code](_mongoc_client_t&) {
      if (++calls <= times)
        throw mongo::error{failure{code, spoils::connection, 0, "lost"}};
      return run_result{calls};
    };
  }

  static request_options thrice(duration timeout = 60s) {
    return {.operation = "test", .timeout = timeout, .retry = {.idempotent = true, .attempts = 3}};
  }

  answer_ptr<run_result> try_run(work function, request_options options = thrice()) {
    return ask<run_result>(moor::run{std::move(options), std::move(function)});
  }

  /// Time for every delay there may be.
  void let_delays_pass() {
    for (int i = 0; i < 30; ++i)
      pass(500ms);
  }

  static constexpr int saved = 10;
  int calls = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(retry_tests, retry_rig)

CAF_TEST(what fails twice succeeds at the third attempt) {
  start_rich();
  auto got = try_run(failing(2));
  CAF_CHECK_EQUAL(got->count(), 0u);
  let_delays_pass();
  CAF_REQUIRE(got->granted());
  CAF_CHECK_EQUAL(got->values[0].take<int>(), 3);
  CAF_CHECK_EQUAL(stats().retried, 2u);
  CAF_CHECK_EQUAL(stats().granted, saved + 3u);
  CAF_CHECK_EQUAL(stats().out, 0u);
}

CAF_TEST(the last failure says how many attempts there were) {
  start_rich();
  auto got = try_run(failing(9));
  let_delays_pass();
  CAF_CHECK(got->refused(errc::connection_lost));
  CAF_CHECK_EQUAL(describe(got->errors.at(0)), "connection_lost: lost (attempt 3 of 3)");
  CAF_CHECK_EQUAL(calls, 3);
}

CAF_TEST(what is not said to be idempotent is attempted once) {
  start_rich();
  auto got = try_run(failing(9), {.operation = "test"});
  CAF_CHECK(got->refused(errc::connection_lost));
  CAF_CHECK_EQUAL(describe(got->errors.at(0)), "connection_lost: lost");
  CAF_CHECK_EQUAL(calls, 1);
}

CAF_TEST(an error that another attempt cannot mend is told at once) {
  start_rich();
  auto got = try_run(failing(9, errc::operation_failed));
  CAF_CHECK(got->refused(errc::operation_failed));
  CAF_CHECK_EQUAL(stats().retried, 0u);
}

CAF_TEST(options that contradict each other are refused) {
  start_rich();
  const auto refused_for = [&](retry_options retry, const std::string& words) {
    auto got = try_run(failing(0), {.operation = "test", .retry = retry});
    return got->refused(errc::invalid_argument)
           && describe(got->errors[0]).find(words) != std::string::npos;
  };
  CAF_CHECK(refused_for({true, 0}, "retry.attempts is 0, allowed is 1 to 10"));
  CAF_CHECK(refused_for({true, 11}, "retry.attempts is 11, allowed is 1 to 10"));
  CAF_CHECK(refused_for({false, 2}, "retry.idempotent is false"));
  auto held = ask<lease>(acquire{.options = thrice()});
  CAF_CHECK(held->refused(errc::invalid_argument));
  held = ask_lease();
  auto on_lease = ask<run_result>(moor::run{thrice(), failing(0), held->values.at(0).id()});
  CAF_CHECK(on_lease->refused(errc::invalid_argument));
  CAF_CHECK_EQUAL(calls, 0);
}

CAF_TEST(all attempts together end at the deadline of the request) {
  start_rich();
  auto got = try_run(failing(9), thrice(100ms));
  while (got->count() == 0)
    pass(10ms);
  CAF_CHECK(got->refused(errc::connection_lost));
  CAF_CHECK(describe(got->errors.at(0)).find("no time is left") != std::string::npos);
  // While it waits for a connection as well.
  got = try_run(failing(99), thrice(5s));
  auto held = ask_lease();
  for (int i = 0; i < 50 && got->count() == 0; ++i)
    pass(100ms);
  CAF_CHECK_EQUAL(got->count(), 1u);
}

CAF_TEST(a pool that lost its server serves the request when it is found again) {
  start_rich();
  driver->script->next_establish(network_failure());
  caf::anon_send(pool, moor::clear{});
  settle();
  CAF_CHECK_EQUAL(stats().phase, pool_phase::paused);
  auto got = try_run(failing(0));
  CAF_CHECK_EQUAL(got->count(), 0u);
  let_delays_pass();
  CAF_CHECK(got->granted());
  CAF_CHECK_EQUAL(calls, 1);
}

CAF_TEST(a command is sent again as it was) {
  start_rich();
  int asked = 0;
  driver->script->answer_with([&](const document& body) -> std::variant<document, failure> {
    if (++asked == 1)
      return failure{errc::server_state_changed, spoils::connection, 91, "the server shuts down"};
    return body;
  });
  const document body{{5, 0, 0, 0, 0}};
  auto got = ask<document>(command{thrice(), "db", body});
  let_delays_pass();
  CAF_REQUIRE(got->granted());
  CAF_CHECK(got->values[0].bytes == body.bytes);
  driver->script->answer_with({});
}

CAF_TEST(a function that cannot be copied costs its own request and no more) {
  struct brittle {
    std::shared_ptr<bool> armed;
    brittle(std::shared_ptr<bool> a) : armed(std::move(a)) {}
    brittle(brittle&&) = default;
    brittle& operator=(brittle&&) = delete;
    brittle& operator=(const brittle&) = delete;
    brittle(const brittle& other) : armed(other.armed) {
      if (*armed)
        throw std::runtime_error("no copy");
    }
    ~brittle() = default;
    run_result operator()(_mongoc_client_t&) const { return run_result{1}; }
  };
  start_rich();
  const auto armed = std::make_shared<bool>(false);
  const auto kept = caf::make_message(moor::run{thrice(), brittle{armed}});
  *armed = true;
  auto got = std::make_shared<answer<run_result>>();
  sys.spawn([=, this](caf::event_based_actor* me) {
    me->request(caf::actor_cast<caf::actor>(pool), caf::infinite, kept)
      .then([got](run_result& r) { got->values.push_back(std::move(r)); },
            [got](caf::error& err) { got->errors.push_back(std::move(err)); });
  });
  recover();
  CAF_CHECK(got->refused(errc::function_failed));
  CAF_CHECK_EQUAL(stats().restarts, 0u);
}

CAF_TEST(only so many wait for another attempt) {
  config.wait_queue_limit = 1;
  start_rich();
  auto first = try_run(failing(99));
  auto second = try_run(failing(99));
  CAF_CHECK_EQUAL(first->count(), 0u);
  CAF_REQUIRE(second->refused(errc::connection_lost));
  CAF_CHECK(describe(second->errors.at(0)).find("as many requests") != std::string::npos);
  let_delays_pass();
  CAF_CHECK_EQUAL(first->count(), 1u);
}

CAF_TEST(a borrower that dies between attempts is forgotten) {
  start_rich();
  auto got = try_run(failing(1));
  kill(got->asker);
  let_delays_pass();
  CAF_CHECK_EQUAL(calls, 1);
  CAF_CHECK_EQUAL(stats().granted, saved + 1u);
}

CAF_TEST(nothing waits for another attempt of a pool that ends) {
  start_rich();
  auto got = try_run(failing(9));
  auto gone = ask<drained>(drain{10s});
  CAF_CHECK_EQUAL(got->count(), 1u);
  CAF_CHECK(got->refused(errc::draining) || got->refused(errc::pool_closed));
  CAF_CHECK(gone->granted());
}

CAF_TEST(an exit between attempts is told) {
  start_rich();
  auto got = try_run(failing(9));
  caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
  recover();
  CAF_CHECK(got->refused(errc::stopped));
}

CAF_TEST(retries keep to their budget) {
  config.request_retry.budget = 0.2;
  config.breaker.mode = breaker_mode::disabled;
  start();
  std::vector<answer_ptr<run_result>> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(try_run(failing(1'000)));
    let_delays_pass();
  }
  for (const auto& got : all)
    CAF_CHECK(got->refused(errc::connection_lost));
  CAF_CHECK_EQUAL(calls, 120);
  CAF_CHECK_EQUAL(stats().retried, 20u);
  CAF_CHECK(stats().retries_withheld > 0);
  CAF_CHECK(describe(all.front()->errors.at(0))
              .ends_with("(attempt 1 of 3; the budget of retries is used up)"));
}

CAF_TEST(deaths of the pool supervisor at any step lose no attempt) {
  config.restart.first_delay = config.restart.longest_delay = 1ms;
  for (int at = 0;; ++at) {
    retry_rig rig;
    rig.config.restart = config.restart;
    rig.start_rich();
    int point = 0;
    bool died = false;
    rig.fault = [&] {
      if (point++ == at) {
        died = true;
        throw std::runtime_error("a fault");
      }
    };
    auto got = rig.try_run(rig.failing(1));
    rig.let_delays_pass();
    rig.fault = [] {};
    rig.let_delays_pass();
    CAF_CHECK_EQUAL(got->count(), 1u);
    // A request that dies with its reader may be refused, never lost nor answered twice.
    CAF_CHECK(got->granted() || got->refused(errc::restarted));
    CAF_CHECK_EQUAL(rig.stats().out, 0u);
    if (!died)
      break;
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
