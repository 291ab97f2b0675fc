// What a pool shows of itself, and what it does about leases that are held for too long.
#include "moor/actors/pool_state.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "moor/actors/guests.hpp"

namespace moor::actors {

namespace {

constexpr auto nothing_since = std::numeric_limits<std::uint64_t>::max();

} // namespace

pool_view pool_state::view() const {
  const auto at = now();
  const auto& figures = machine_->figures();
  pool_view all;
  all.stats = stats();
  all.events = figures.events();
  all.create_time = figures.create_time();
  all.wait_time = figures.wait_time();
  all.use_time = figures.use_time();
  all.establish_failures = counters_.by_cause;
  all.oldest_wait = machine_->oldest_wait(at);
  all.connections = machine_->connections(at);
  all.leases = leases().leases;
  all.operations_breaker = breaker();
  all.breaker_history.assign(breaker_history_.begin(), breaker_history_.end());
  all.turns = {as_guests_.counts().on_loop, as_guests_.counts().on_scheduler};
  all.operations = operations_->report(std::numeric_limits<std::uint64_t>::max());
  return all;
}

leases_report pool_state::leases() const {
  auto all = leases_.out(now());
  const auto work = jobs_.work(now());
  all.insert(all.end(), work.begin(), work.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.lease < b.lease; });
  return {std::move(all)};
}

void pool_state::on(const extend_lease& message) {
  leases_.extend(message.lease, message.by, now());
}

void pool_state::on(const call_the_roll& message) {
  auto roll = leases_.roll(message.seen, now());
  detector_rests_ = roll.out.empty();
  send(detector_, std::move(roll));
}

void pool_state::wake_detector() {
  if (!detector_rests_ || leases_.empty())
    return;
  // Nothing ended late since the empty roll, for nothing was out.
  send(detector_, leases_.roll(nothing_since, now()));
  detector_rests_ = false;
}

void pool_state::on(const tell_borrower& message) {
  if (const auto told = leases_.remind(message.lease, message.answer_within, now()))
    send(told->borrower, told->what);
}

void pool_state::on(const revoke_lease& message) {
  if (!leases_.is_overdue(message.lease, now())) // it came back meanwhile, or was extended
    return;
  if (machine_->revoke(message.lease, {errc::revoked, spoils::connection, 0, message.why}, now(),
                       effects_.out()))
    leases_.note_revoked(message.lease, message.why); // before its end, which is an effect
  finish();
}

void pool_state::on(const use_leak_detector& message) {
  detector_ = message.detector;
}

} // namespace moor::actors
