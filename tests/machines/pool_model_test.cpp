// The pool machine under more than a million random events, judged after each by a model of the
// world around it. One test per configuration: the framework ends a test after 30 s.
#define CAF_SUITE pool_model

#include "machines/pool_trial.hpp"

#include <array>
#include <chrono>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seeds = 4;
constexpr std::uint64_t events_per_seed = 50'000;
constexpr std::uint64_t configurations = 8;
static_assert(seeds * events_per_seed * configurations >= 1'000'000);

/// Limits so small that every corner is met often; times in the range the random user lets pass.
settings config_of(std::size_t most, std::size_t least, std::size_t connecting, std::size_t queue) {
  settings s;
  s.max_pool_size = most;
  s.min_pool_size = least;
  s.max_connecting = connecting;
  s.wait_queue_limit = queue;
  s.max_idle_time = duration::zero();
  s.max_lifetime = duration::zero();
  s.check_after_idle = 1h;
  s.keepalive = duration::zero();
  s.shedding.queue_target = duration::zero();
  s.saturation_threshold = duration::zero();
  return s;
}

settings shedding(settings s) {
  s.shedding = {2ms, 8ms, 0.4, 0.4};
  s.saturation_threshold = 3ms;
  return s;
}

settings aging(settings s) {
  s.max_idle_time = 30ms;
  s.max_lifetime = 80ms;
  s.max_lifetime_jitter = 0.5;
  return s;
}

settings checking(settings s) {
  s.check_after_idle = 5ms;
  s.keepalive = 12ms;
  return s;
}

const std::array<settings, configurations> configs{
  config_of(1, 0, 1, 1),
  config_of(3, 1, 2, 4),
  aging(config_of(2, 2, 1, 3)),
  checking(config_of(3, 0, 3, 8)),
  checking(aging(config_of(4, 2, 2, 5))),
  checking(aging(config_of(10, 10, 3, 20))),
  shedding(config_of(1, 0, 1, 6)),
  shedding(checking(aging(config_of(3, 2, 2, 12)))),
};

/// Everything the pool can do; a configuration with all its features that saw little of one of them
/// has shown nothing.
// clang-format off
constexpr std::array must_be_seen{
  "grant", "open", "abandon", "ping", "close", "cut", "cut a lease", "seek server", "report warm",
  "report drained", "report drained, cut off", "refuse wait_queue_timeout", "refuse queue_full",
  "refuse pool_cleared", "refuse pool_closed", "refuse draining", "refuse connect_failed",
  "refuse invalid_argument", "refuse read_only", "refuse server_state_changed", "ConnectionPoolReady", "ConnectionPoolCleared",
  "ConnectionPoolClosed", "ConnectionReady", "ConnectionClosed stale", "ConnectionClosed idle",
  "ConnectionClosed lifetime", "ConnectionClosed error", "ConnectionClosed poolClosed",
  "ConnectionCheckedIn"};
// clang-format on

/// The same of shedding.
constexpr std::array must_be_seen_shedding{"refuse shed by waiting",
                                           "refuse shed by degradation",
                                           "saturated",
                                           "relieved",
                                           "grant",
                                           "cut a lease"};

/// The same of settings that change.
constexpr std::array must_be_seen_reloading{"ConnectionClosed surplus", "ConnectionClosed rotated",
                                            "abandon", "grant", "refuse invalid_argument"};

/// What was seen in all seeds together.
std::map<std::string, std::uint64_t> check_promises(const settings& config, bool reloads = false) {
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    pool_trial trial{config, seed, reloads};
    // An error, unlike a failed check, shows its text at every verbosity.
    if (const auto broken = trial.run(events_per_seed); !broken.empty())
      CAF_ERROR(broken);
    else
      CAF_CHECK_GREATER_OR_EQUAL(trial.events(), events_per_seed);
    for (const auto& [what, times] : trial.seen())
      seen[what] += times;
  }
  return seen;
}

} // namespace

CAF_TEST(promises_hold_with_one_connection_and_one_waiting) {
  check_promises(configs[0]);
}

CAF_TEST(promises_hold_with_a_few_connections) {
  check_promises(configs[1]);
}

CAF_TEST(promises_hold_while_connections_age) {
  check_promises(configs[2]);
}

CAF_TEST(promises_hold_while_connections_are_checked) {
  check_promises(configs[3]);
}

CAF_TEST(promises_hold_and_everything_is_met) {
  auto seen = check_promises(configs[4]);
  for (const auto* what : must_be_seen)
    if (seen[what] < 100)
      CAF_ERROR("met less than 100 times: " << what << ": " << seen[what]);
}

CAF_TEST(promises_hold_with_many_connections) {
  check_promises(configs[5]);
}

CAF_TEST(promises_hold_while_one_connection_sheds) {
  check_promises(configs[6]);
}

CAF_TEST(promises_hold_while_a_few_connections_shed) {
  auto seen = check_promises(configs[7]);
  for (const auto* what : must_be_seen_shedding)
    if (seen[what] < 100)
      CAF_ERROR("met less than 100 times: " << what << ": " << seen[what]);
}

CAF_TEST(promises_hold_while_the_settings_change) {
  auto seen = check_promises(configs[4], true);
  for (const auto* what : must_be_seen_reloading)
    if (seen[what] < 100)
      CAF_ERROR("met less than 100 times: " << what << ": " << seen[what]);
}

CAF_TEST(promises_hold_while_the_settings_of_a_small_pool_change) {
  check_promises(configs[0], true);
  check_promises(configs[3], true);
}

CAF_TEST(promises_hold_while_the_settings_of_a_large_pool_change) {
  check_promises(configs[5], true);
}

CAF_TEST(promises_hold_while_the_settings_of_a_pool_that_sheds_change) {
  check_promises(configs[7], true);
}

CAF_TEST(promise_determinism_the_same_seed_gives_the_same_trace) {
  for (const auto& config : configs) {
    pool_trial first{config, 7};
    pool_trial second{config, 7};
    pool_trial other{config, 8};
    CAF_CHECK_EQUAL(first.run(5000) + second.run(5000) + other.run(5000), "");
    CAF_CHECK_EQUAL(first.trace(), second.trace());
    CAF_CHECK_NOT_EQUAL(first.trace(), other.trace());
    pool_trial changing{config, 7, true};
    pool_trial again{config, 7, true};
    CAF_CHECK_EQUAL(changing.run(5000) + again.run(5000), "");
    CAF_CHECK_EQUAL(changing.trace(), again.trace());
    CAF_CHECK_NOT_EQUAL(changing.trace(), first.trace());
  }
}
