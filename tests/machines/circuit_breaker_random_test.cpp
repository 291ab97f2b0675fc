// The circuit breaker under random events, beside a model and the rules that it must keep.
#define CAF_SUITE circuit_breaker_random

#include "machines/breaker_model.hpp"
#include "machines/breaker_rig.hpp"

#include <random>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

using state = breaker_state;

namespace {

/// The world around a breaker: callers that answer in time, late, twice or never.
class random_world {
public:
  explicit random_world(std::uint64_t seed)
    : random_(seed), rig_(any_policy()), model_{.policy = policy_} {}

  /// Empty if all went well; otherwise which rule was broken, and when.
  std::string run(int events) {
    for (int i = 0; i < events; ++i) {
      act();
      check();
      if (!broken_.empty())
        return broken_ + " at event " + std::to_string(i);
    }
    return {};
  }

  /// All that was answered and done.
  const std::string& trace() const { return trace_; }
  std::uint64_t transitions() const { return rig_.figures().transitions; }

private:
  std::uint64_t any(std::uint64_t below) { return random_() % below; }

  breaker_settings any_policy() {
    auto& x = policy_;
    x.window_type = any(2) == 0 ? breaker_window::count : breaker_window::time;
    x.window_size = static_cast<std::uint32_t>(1 + any(20));
    x.window_length = std::chrono::milliseconds{1000 * (1 + any(10))};
    x.minimum_calls = static_cast<std::uint32_t>(1 + any(x.window_size));
    x.failure_rate_threshold = static_cast<double>(1 + any(10)) / 10;
    x.slow_call_duration_threshold = std::chrono::seconds{any(3)};
    x.slow_call_rate_threshold = static_cast<double>(1 + any(10)) / 10;
    x.wait_in_open_state = std::chrono::milliseconds{1 + any(2000)};
    x.wait_multiplier = 1 + static_cast<double>(any(20)) / 10;
    x.longest_wait_in_open_state = x.wait_in_open_state * static_cast<std::int64_t>(1 + any(10));
    x.wait_jitter = static_cast<double>(any(11)) / 10;
    x.permitted_probes = static_cast<std::uint32_t>(1 + any(6));
    x.probe_deadline = std::chrono::milliseconds{1 + any(5000)};
    return x;
  }

  void act() {
    rig_.draw = static_cast<double>(any(1000)) / 1000;
    const bool by_order = model_.now_in == state::disabled || model_.now_in == state::forced_open;
    const auto what = any(100);
    if (what < 40)
      acquire();
    else if (what < 75)
      end_one();
    else if (what < 90)
      rig_.pass(std::chrono::milliseconds{any(400)});
    else if (what < 99 && !by_order)
      tick();
    else
      order();
    hear();
  }

  void acquire() {
    model_.tick(rig_.now);
    const auto answer = rig_.ask();
    hear();
    const auto* permit = std::get_if<breaker_permit>(&answer);
    trace_ += permit != nullptr ? 'p' : 'r';
    if (permit == nullptr)
      return check_refusal(std::get<breaker_refusal>(answer));
    require(permit->generation == model_.changes, "a permit of another time");
    switch (model_.now_in) {
      case state::open:
      case state::forced_open: return require(false, "a permit while open");
      case state::half_open: take_probe(*permit); break;
      default: require(permit->probe == 0, "a probe while not half-open");
    }
    if (any(4) != 0) // the others never answer
      held_.push_back(*permit);
  }

  void take_probe(const breaker_permit& permit) {
    require(model_.may_probe(rig_.now), "more probes than permitted");
    require(permit.deadline == rig_.now + policy_.probe_deadline, "another deadline");
    require(model_.probes.empty() || permit.probe > model_.probes.rbegin()->first, "an old number");
    model_.probes[permit.probe] = {model_.changes, permit.deadline};
  }

  void check_refusal(const breaker_refusal& refusal) {
    ++refused_;
    require(refusal.state == model_.now_in, "refused for another state");
    if (model_.now_in == state::forced_open)
      return require(!refusal.retry_after, "a time to retry where there is none");
    require(refusal.retry_after && *refusal.retry_after > 0ns, "no time to retry");
    if (model_.now_in == state::open)
      return require(model_.open_until && *refusal.retry_after == *model_.open_until - rig_.now,
                     "another time to retry than the wait's end");
    require(model_.now_in == state::half_open && !model_.may_probe(rig_.now),
            "refused what is permitted");
    require(*refusal.retry_after <= policy_.wait_in_open_state, "a long time to retry");
  }

  /// A caller answers; now and then he does it again later.
  void end_one() {
    if (held_.empty())
      return;
    const auto place = any(held_.size());
    const auto permit = held_[place];
    if (any(10) != 0)
      held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(place));
    const auto took = std::chrono::milliseconds{any(3000)};
    const auto limit = policy_.slow_call_duration_threshold;
    const auto slow = limit > 0s && took > limit;
    model_.tick(rig_.now);
    const auto end = [&](bool failed, bool was_slow, bool counted) {
      model_.end(permit.generation, permit.probe, failed, was_slow, counted, rig_.now);
    };
    switch (any(8)) {
      case 0: rig_.abandon(permit), end(true, false, false); break;
      case 1: rig_.release(permit), model_.take_back(permit.probe); break;
      case 2:
        rig_.fail(permit, failure_of(errc::operation_failed), took);
        model_.take_back(permit.probe);
        break;
      case 3:
      case 4: rig_.fail(permit, lost_connection(), took), end(true, slow, true); break;
      default: rig_.succeed(permit, took), end(false, slow, true);
    }
  }

  /// The actor's timer is in time or late, but set when there is something to do.
  void tick() {
    const auto next = rig_.machine.next_timer();
    if (next != no_deadline && any(2) == 0)
      rig_.now = std::max(rig_.now, next);
    model_.tick(rig_.now);
    rig_.tick();
  }

  void order() {
    const auto mode = any(3);
    constexpr state states[]{state::closed, state::disabled, state::forced_open};
    rig_.order(static_cast<breaker_mode>(mode));
    if (model_.now_in != states[mode])
      model_.change(states[mode]);
  }

  void hear() {
    for (const auto& e : std::exchange(rig_.effects, {})) {
      trace_ += std::string{to_string(e.to)} + e.cause;
      require(e.from == last_state_ && e.to != e.from && !e.cause.empty(), "an odd change");
      last_state_ = e.to;
      require((e.retry_after > 0ns) == (e.to == state::open), "a wait in another state than open");
      if (e.to != state::open || model_.now_in != state::open)
        continue;
      const auto wait = static_cast<double>(e.retry_after.count());
      require(wait <= std::max(model_.longest_wait(), 1e6), "a wait beyond the longest");
      require(wait >= std::floor(model_.shortest_wait() / 1e6) * 1e6 - 1, "a wait too short");
      model_.open_until = rig_.now + e.retry_after;
    }
  }

  void check() {
    const auto seen = rig_.figures();
    require(seen.state == model_.now_in, "another state than the model's");
    require(seen.transitions == model_.changes, "another count of changes");
    require(seen.refused == refused_, "another count of refusals");
    const auto expected = model_.window(rig_.now);
    require(machines::call_counts{seen.calls, seen.failed, seen.slow} == expected, "other counts");
    require(seen.failed <= seen.calls && seen.slow <= seen.calls, "counts that cannot be");
    require(seen.probes_in_flight == model_.in_flight(rig_.now), "other probes in flight");
    require(seen.probes_in_flight <= policy_.permitted_probes, "too many probes in flight");
    const auto next = rig_.machine.next_timer();
    if (seen.state == state::open)
      require(next == model_.open_until, "no timer while open");
    else
      require(next == model_.due().value_or(no_deadline), "no timer for the first probe");
    check_way_out();
  }

  /// Half-open ends by the deadline of its first probe, whatever the callers do.
  void check_way_out() {
    const auto due = model_.due();
    if (!due || any(20) != 0)
      return;
    auto copy = rig_.machine;
    machines::breaker_effects effects;
    copy.timer(rig_.draw, std::max(rig_.now, *due), effects);
    require(copy.state() != state::half_open, "half-open after its first probe was due");
  }

  void require(bool holds, const char* rule) {
    if (!holds && broken_.empty())
      broken_ = rule;
  }

  std::mt19937_64 random_;
  breaker_settings policy_;
  breaker_rig rig_;
  breaker_model model_;
  std::vector<breaker_permit> held_;
  state last_state_ = state::closed;
  std::uint64_t refused_ = 0;
  std::string trace_;
  std::string broken_;
};

} // namespace

CAF_TEST(under random events the breaker is as its model and keeps its rules) {
  std::uint64_t transitions = 0;
  int half_opened = 0;
  int closed_again = 0;
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    random_world world{seed};
    const auto broken = world.run(1000);
    CAF_CHECK_EQUAL("seed " + std::to_string(seed) + ": " + broken,
                    "seed " + std::to_string(seed) + ": ");
    const auto& trace = world.trace();
    half_opened += trace.find("half_open") != trace.npos ? 1 : 0;
    closed_again += trace.find("closed0 of") != trace.npos ? 1 : 0;
    lost += trace.find("without an answer") != trace.npos ? 1 : 0;
    transitions += world.transitions();
  }
  // Of the 300, or the events would not reach much.
  CAF_CHECK(half_opened > 200);
  CAF_CHECK(closed_again > 100);
  CAF_CHECK(lost > 200);
  CAF_CHECK(transitions > 10'000);
}

CAF_TEST(the same seed gives the same trace) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    random_world one{seed};
    random_world other{seed};
    one.run(1000);
    other.run(1000);
    CAF_CHECK(!one.trace().empty());
    CAF_CHECK_EQUAL(one.trace(), other.trace());
  }
}
