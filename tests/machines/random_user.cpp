#include "machines/random_user.hpp"

#include <array>
#include <chrono>
#include <utility>
#include <variant>

namespace moor::test {

using namespace std::chrono_literals;

namespace {

/// How often each kind of event comes, in the order of input_kind.
constexpr std::array<std::uint64_t, 18> weights{
  280, // check_out
  220, // check_in
  20,  // warm
  160, // established
  40,  // establishing_failed
  70,  // check_passed
  20,  // check_failed
  10,  // lost
  150, // closed
  20,  // withdraw
  80,  // ready
  10,  // clear
  1,   // close
  3,   // drain
  40,  // expire
  60,  // run_background
  10,  // set_degraded
  25,  // reconfigure
};

constexpr std::uint64_t sum_of_weights = [] {
  std::uint64_t sum = 0;
  for (const auto w : weights)
    sum += w;
  return sum;
}();

/// Lists of what may be long gone are cut to this length.
constexpr std::size_t memory = 20;

} // namespace

pool_input random_user::next(instant next_deadline) {
  pass_time(next_deadline);
  pool_input in;
  in.kind = any_kind();
  complete(in);
  in.now = now_;
  return in;
}

bool random_user::next_ending(pool_input& in) {
  now_ += 1ms;
  in = {};
  in.now = now_;
  if (!leases_.empty()) {
    in.kind = input_kind::check_in;
    in.lease = take_one(leases_, false);
  } else if (!pings_.empty()) {
    in.kind = input_kind::check_passed;
    in.connection = take_one(pings_, false);
  } else if (!dials_.empty()) {
    in.kind = input_kind::established;
    in.connection = take_one(dials_, false);
  } else if (!goodbyes_.empty()) {
    in.kind = input_kind::closed;
    in.connection = take_one(goodbyes_, false);
  } else {
    return false;
  }
  return true;
}

/// Mostly none; often little; now and then to the very moment of a deadline, or long enough for
/// connections to age.
void random_user::pass_time(instant next_deadline) {
  const auto choice = below(20);
  if (choice < 10)
    return;
  if (choice < 16)
    now_ += std::chrono::milliseconds{below(4)};
  else if (choice < 19 && next_deadline > now_ && next_deadline - now_ < 1s)
    now_ = next_deadline;
  else
    now_ += std::chrono::milliseconds{below(40)};
}

input_kind random_user::any_kind() {
  for (;;) {
    auto at = below(sum_of_weights);
    std::size_t kind = 0;
    while (at >= weights[kind])
      at -= weights[kind++];
    const auto chosen = static_cast<input_kind>(kind);
    if (has_reason_for(chosen) || (one_in(10) && chosen != input_kind::reconfigure))
      return chosen;
  }
}

bool random_user::has_reason_for(input_kind kind) const {
  switch (kind) {
    case input_kind::check_in: return !leases_.empty();
    case input_kind::established:
    case input_kind::establishing_failed: return !dials_.empty();
    case input_kind::check_passed:
    case input_kind::check_failed: return !pings_.empty();
    case input_kind::lost: return !established_.empty();
    case input_kind::closed: return !goodbyes_.empty();
    case input_kind::reconfigure: return reloads_;
    default: return true;
  }
}

void random_user::complete(pool_input& in) {
  switch (in.kind) {
    case input_kind::check_out:
      in.request = ++last_request_;
      in.level = static_cast<priority>(below(3));
      in.read_only = one_in(2);
      in.deadline = now_ + (one_in(20) ? 0ms : any_timeout());
      return;
    case input_kind::check_in:
      in.lease = take_one(leases_, one_in(20));
      if (one_in(8))
        in.why = any_failure();
      return;
    case input_kind::warm:
      in.request = ++last_request_;
      in.count = below(config_.max_pool_size + 2);
      in.deadline = now_ + any_timeout();
      return;
    case input_kind::established:
      in.connection = take_one(dials_, one_in(50));
      in.draw = static_cast<double>(below(1000)) / 1000;
      in.read_only = one_in(15);
      established_.push_back(in.connection);
      return;
    case input_kind::establishing_failed:
      in.connection = take_one(dials_, one_in(50));
      in.why = any_failure();
      return;
    case input_kind::check_passed: in.connection = take_one(pings_, one_in(50)); return;
    case input_kind::check_failed:
      in.connection = take_one(pings_, one_in(50));
      in.why = any_failure();
      return;
    case input_kind::lost:
      in.connection = take_one(established_, false);
      in.why = any_failure();
      return;
    case input_kind::closed: in.connection = take_one(goodbyes_, one_in(50)); return;
    case input_kind::clear:
      in.interrupt = one_in(2);
      if (one_in(2))
        in.why = any_failure();
      return;
    case input_kind::drain:
      in.request = ++last_request_;
      in.deadline = now_ + (one_in(4) ? 0ms : any_timeout());
      return;
    case input_kind::withdraw:
      in.request = last_request_ - std::min<request_id>(last_request_, below(10));
      return;
    case input_kind::set_degraded:
      in.level_of_service = one_in(3) ? degradation::degraded : degradation::none;
      return;
    case input_kind::ready: in.read_only = one_in(12); return;
    case input_kind::reconfigure:
      config_ = any_settings();
      in.config = config_;
      in.rotated = one_in(2);
      return;
    case input_kind::close:
    case input_kind::expire:
    case input_kind::run_background: return;
  }
}

/// What was in force at first, with other bounds, and now and then other ages.
settings random_user::any_settings() {
  auto s = first_;
  s.max_pool_size = 1 + below(first_.max_pool_size + 2);
  s.min_pool_size = below(s.max_pool_size + 1);
  s.max_connecting = 1 + below(first_.max_connecting + 1);
  s.wait_queue_limit = 1 + below(first_.wait_queue_limit + 2);
  s.rotation_period = std::chrono::milliseconds{1 + below(60)};
  if (one_in(3))
    s.max_lifetime = std::chrono::milliseconds{below(3) * 50};
  if (one_in(3))
    s.max_idle_time = std::chrono::milliseconds{below(3) * 20};
  if (one_in(3) && s.shedding.queue_target > duration::zero())
    s.shedding.queue_interval = std::chrono::milliseconds{4 + below(8)};
  return s;
}

failure random_user::any_failure() {
  static constexpr std::array reaches{spoils::nothing, spoils::connection, spoils::connection,
                                      spoils::generation};
  return {errc::connect_failed, reaches[below(reaches.size())], 0, "at random"};
}

duration random_user::any_timeout() {
  return one_in(30) ? duration{1h} : std::chrono::milliseconds{1 + below(20)};
}

std::uint64_t random_user::take_one(std::vector<std::uint64_t>& list, bool keep) {
  if (list.empty())
    return 1'000'000 + below(10);
  const auto at = below(list.size());
  const auto taken = list[at];
  if (!keep) {
    list[at] = list.back();
    list.pop_back();
  }
  return taken;
}

void random_user::take(const machines::pool_effect& effect) {
  if (const auto* dial = std::get_if<machines::open_connection>(&effect))
    dials_.push_back(dial->connection);
  else if (const auto* ping = std::get_if<machines::ping_connection>(&effect))
    pings_.push_back(ping->connection);
  else if (const auto* goodbye = std::get_if<machines::close_connection>(&effect))
    goodbyes_.push_back(goodbye->connection);
  else if (const auto* lease = std::get_if<machines::grant>(&effect))
    leases_.push_back(lease->lease);
  if (established_.size() > memory)
    established_.erase(established_.begin());
}

} // namespace moor::test
