// Attempts of a request: their budget, their delays, and which errors are worth one.
#define CAF_SUITE request_retry

#include "moor/machines/request_retry.hpp"

#include <chrono>
#include <random>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

namespace {

constexpr retry_options thrice{.idempotent = true, .attempts = 3};
constexpr instant start{1h};

failure lost() {
  return failure_of(errc::connection_lost);
}

failure answered(std::int32_t code, server_advice advice = {}) {
  auto why = failure_of(errc::operation_failed);
  why.driver_code = code;
  why.advice = advice;
  return why;
}

struct fixture {
  request_retry_settings rules{.budget = 1, .first_delay = 100ms, .longest_delay = 1s};
  request_retry policy{rules};

  /// A new request's attempt fails.
  request_retry::verdict after(const failure& why, std::uint32_t made = 1, double draw = 0.5,
                               instant deadline = start + 1min, retry_options allowed = thrice) {
    policy.request();
    return policy.failed(why, allowed, made, deadline, start, draw);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(request_retry_tests, fixture)

CAF_TEST(only what may be done twice is attempted again and only so often) {
  CAF_CHECK(after(lost(), 1).at.has_value());
  CAF_CHECK(after(lost(), 2).at.has_value());
  CAF_CHECK(!after(lost(), 3).at);
  CAF_CHECK(!after(lost(), 1, 0.5, start + 1min, {}).at);
  CAF_CHECK(!after(lost(), 1, 0.5, start + 1min, {.idempotent = false, .attempts = 3}).at);
  CAF_CHECK_EQUAL(policy.retried(), 2u);
  CAF_CHECK_EQUAL(policy.withheld(), 0u);
}

CAF_TEST(delays double up to the longest and are jittered) {
  constexpr retry_options often{.idempotent = true, .attempts = 10};
  const auto delay = [&](std::uint32_t made, double draw) {
    return *after(lost(), made, draw, start + 1min, often).at - start;
  };
  CAF_CHECK(delay(1, 0) == 0s);
  CAF_CHECK(delay(1, 0.5) == 50ms);
  CAF_CHECK(delay(2, 0.5) == 100ms);
  CAF_CHECK(delay(3, 0.5) == 200ms);
  CAF_CHECK(delay(9, 0.5) == 500ms);
}

CAF_TEST(no attempt begins at the deadline or later) {
  CAF_CHECK(after(lost(), 1, 0.5, start + 51ms).at.has_value());
  const auto late = after(lost(), 1, 0.5, start + 50ms);
  CAF_CHECK(!late.at);
  CAF_CHECK_EQUAL(late.why_not, "no time is left for another attempt");
  CAF_CHECK_EQUAL(policy.retried(), 1u); // what was not begun costs nothing
}

CAF_TEST(a server may name the backoff) {
  const auto overload
    = answered(462, {.retryable = true, .overloaded = true, .base_backoff = 400ms});
  CAF_CHECK(*after(overload, 1).at - start == 200ms);
  CAF_CHECK(*after(overload, 2).at - start == 400ms);
}

CAF_TEST(the labels of the server decide) {
  CAF_CHECK(may_be_repeated(answered(462, {.retryable = true, .overloaded = true})));
  CAF_CHECK(!may_be_repeated(answered(462, {.overloaded = true})));
  CAF_CHECK(!may_be_repeated(answered(462)));
  CAF_CHECK(may_be_repeated(answered(20, {.retryable = true})));
}

CAF_TEST(errors of the network and of the state of the server are worth another attempt) {
  for (const auto code :
       {errc::pool_cleared, errc::connect_failed, errc::connection_lost, errc::no_suitable_server,
        errc::server_state_changed, errc::read_only, errc::restarted})
    CAF_CHECK(may_be_repeated(failure_of(code)));
  for (const auto code : {6, 7, 89, 134, 262, 9001})
    CAF_CHECK(may_be_repeated(answered(code)));
}

CAF_TEST(neither mistakes of the borrower nor refusals for load are) {
  for (const auto code :
       {errc::wait_queue_timeout, errc::queue_full, errc::pool_closed, errc::draining,
        errc::authentication_failed, errc::invalid_argument, errc::operation_timeout,
        errc::function_failed, errc::lease_ended, errc::revoked, errc::stopped, errc::circuit_open,
        errc::shed, errc::tls_failed})
    CAF_CHECK(!may_be_repeated(failure_of(code)));
  CAF_CHECK(!may_be_repeated(answered(11000))); // DuplicateKey
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(the first retry is there after as many requests as its share says) {
  retry_budget budget{0.2};
  for (int i = 0; i < 4; ++i) {
    budget.deposit();
    CAF_CHECK(!budget.take());
  }
  budget.deposit();
  CAF_CHECK(budget.take());
  CAF_CHECK(!budget.take());
}

CAF_TEST(without a share there are no retries) {
  retry_budget budget{0};
  for (int i = 0; i < 1000; ++i)
    budget.deposit();
  CAF_CHECK(!budget.take());
}

CAF_TEST(what quiet times save up is bounded) {
  retry_budget budget{0.2};
  for (int i = 0; i < 1'000'000; ++i)
    budget.deposit();
  int taken = 0;
  while (budget.take())
    ++taken;
  CAF_CHECK_EQUAL(taken, retry_budget::most_saved);
}

CAF_TEST(retries are never more than their share of the requests) {
  std::mt19937_64 random{1};
  for (const auto share : {0.01, 0.2, 0.333, 1.0}) {
    request_retry policy{{.budget = share, .first_delay = 1ms, .longest_delay = 1s}};
    std::uint64_t requests = 0;
    for (int i = 0; i < 20'000; ++i) {
      // Long quiet times, and times in which everything fails.
      if (i % 2000 < 1000 || random() % 4 == 0) {
        policy.request();
        ++requests;
      } else {
        policy.failed(lost(), thrice, 1, no_deadline, start, 0.5);
      }
      if (static_cast<double>(policy.retried()) > share * static_cast<double>(requests) + 1e-6)
        CAF_FAIL("too many retries: " << policy.retried() << " of " << requests);
    }
    CAF_CHECK(policy.retried() > 0);
    CAF_CHECK(policy.withheld() > 0);
  }
}
