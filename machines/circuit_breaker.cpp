#include "moor/machines/circuit_breaker.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "moor/config/parse.hpp"
#include "moor/machines/backoff.hpp"
#include "moor/machines/breaker_rules.hpp"

namespace moor::machines {

namespace {

using std::chrono::milliseconds;

breaker_state state_for(breaker_mode mode) {
  switch (mode) {
    case breaker_mode::on: return breaker_state::closed;
    case breaker_mode::disabled: return breaker_state::disabled;
    case breaker_mode::forced_open: return breaker_state::forced_open;
  }
  return breaker_state::closed;
}

/// Whole milliseconds, for words; never none, for a state that lasts no time is none.
duration wait_after(const breaker_settings& policy, std::uint32_t openings, double draw) {
  const retry_settings growth{.first_delay = policy.wait_in_open_state,
                              .multiplier = policy.wait_multiplier,
                              .longest_delay = policy.longest_wait_in_open_state,
                              .jitter = policy.wait_jitter};
  const auto wait = backoff_delay(growth, openings, draw);
  return std::max<duration>(std::chrono::floor<milliseconds>(wait), milliseconds{1});
}

double share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

/// "33.3%".
std::string percent(double rate) {
  return format_number(std::round(rate * 1000) / 10) + "%";
}

std::string several(std::uint64_t part, std::uint64_t of, const char* noun) {
  return std::to_string(part) + " of " + std::to_string(of) + " " + noun;
}

std::string against(double rate, double threshold) {
  return " (" + percent(rate) + "), the threshold is " + percent(threshold);
}

} // namespace

circuit_breaker::circuit_breaker(const breaker_settings& policy, instant now)
  : policy_(policy),
    state_(state_for(policy.mode)),
    since_(now),
    window_(policy),
    probes_(policy.permitted_probes, policy.probe_deadline) {}

// -- calls ---------------------------------------------------------------------------------------

breaker_answer circuit_breaker::try_acquire(double draw, instant now, breaker_effects& out) {
  timer(draw, now, out);
  switch (state_) {
    case breaker_state::closed:
    case breaker_state::disabled: return breaker_permit{.generation = transitions_};
    case breaker_state::forced_open: return refuse(std::nullopt);
    case breaker_state::open: return refuse(next_timer() - now);
    case breaker_state::half_open: break;
  }
  if (const auto probe = probes_.give(now))
    return breaker_permit{transitions_, probe->number, probe->deadline};
  // Each of the probes that are waited for may decide, or give way to another.
  return refuse(std::min(probes_.next_due() - now, policy_.wait_in_open_state));
}

breaker_permit circuit_breaker::as_probe(const breaker_permit& ended, double draw, instant now,
                                         breaker_effects& out) {
  timer(draw, now, out);
  if (state_ == breaker_state::half_open && ended.generation == transitions_)
    if (const auto probe = probes_.give(now))
      return {transitions_, probe->number, probe->deadline};
  return ended;
}

breaker_refusal circuit_breaker::refuse(std::optional<duration> retry_after) {
  ++refused_;
  return {state_, retry_after};
}

void circuit_breaker::succeeded(const breaker_permit& permit, duration took, double draw,
                                instant now, breaker_effects& out) {
  record(permit, false, is_slow(took), draw, now, out);
}

void circuit_breaker::failed(const breaker_permit& permit, const failure& why, duration took,
                             double draw, instant now, breaker_effects& out) {
  if (counts_as_failure(why))
    record(permit, true, is_slow(took), draw, now, out);
  else
    release(permit, draw, now, out);
}

void circuit_breaker::record(const breaker_permit& permit, bool failed, bool slow, double draw,
                             instant now, breaker_effects& out) {
  timer(draw, now, out);
  if (probes_.answer(permit.probe, failed, slow))
    return judge_probes(draw, now, out);
  if (state_ != breaker_state::closed || permit.generation != transitions_)
    return;
  window_.record(failed, slow, now);
  const auto seen = window_.counts(now);
  if (seen.calls < policy_.minimum_calls)
    return;
  if (auto cause = excess(seen, seen.calls, "calls"); !cause.empty())
    open(std::move(cause), draw, now, out);
}

void circuit_breaker::release(const breaker_permit& permit, double draw, instant now,
                              breaker_effects& out) {
  timer(draw, now, out);
  probes_.take_back(permit.probe);
}

void circuit_breaker::abandon(const breaker_permit& permit, double draw, instant now,
                              breaker_effects& out) {
  timer(draw, now, out);
  if (probes_.lose(permit.probe))
    judge_probes(draw, now, out);
}

// -- probes --------------------------------------------------------------------------------------

void circuit_breaker::judge_probes(double draw, instant now, breaker_effects& out) {
  const auto& seen = probes_.answered();
  // Too many of all that are permitted: what the others will say no longer matters.
  if (auto cause = excess(seen, probes_.permitted(), "probes"); !cause.empty())
    open(std::move(cause), draw, now, out);
  else if (seen.calls >= probes_.permitted())
    end_probing(draw, now, out);
}

/// Decides by what was answered. Probes that run and are not due yet are left out.
void circuit_breaker::end_probing(double draw, instant now, breaker_effects& out) {
  const auto& seen = probes_.answered();
  if (auto cause = excess(seen, seen.calls, "probes"); !cause.empty())
    open(std::move(cause), draw, now, out);
  else
    close(several(seen.failed, seen.calls, "probes failed and ") + std::to_string(seen.slow)
            + " were slow",
          now, out);
}

// -- judgement -----------------------------------------------------------------------------------

bool circuit_breaker::is_slow(duration took) const {
  const auto longest = policy_.slow_call_duration_threshold;
  return longest > duration::zero() && took > longest;
}

/// Which rate reached its threshold, in words; empty if none did.
std::string circuit_breaker::excess(const call_counts& seen, std::uint64_t of,
                                    const char* noun) const {
  if (const auto rate = share(seen.failed, of); rate >= policy_.failure_rate_threshold) {
    const auto lost = probes_.lost();
    return several(seen.failed, of, noun) + " failed"
           + (lost == 0 ? "" : ", " + std::to_string(lost) + " of them without an answer")
           + against(rate, policy_.failure_rate_threshold);
  }
  if (const auto rate = share(seen.slow, of); rate >= policy_.slow_call_rate_threshold)
    return several(seen.slow, of, noun) + " took longer than "
           + format_duration(policy_.slow_call_duration_threshold)
           + against(rate, policy_.slow_call_rate_threshold);
  return {};
}

// -- states --------------------------------------------------------------------------------------

void circuit_breaker::open(std::string cause, double draw, instant now, breaker_effects& out) {
  wait_ = wait_after(policy_, ++openings_, draw);
  change(breaker_state::open, std::move(cause), wait_, now, out);
}

void circuit_breaker::close(std::string cause, instant now, breaker_effects& out) {
  openings_ = 0;
  change(breaker_state::closed, std::move(cause), {}, now, out);
}

void circuit_breaker::change(breaker_state to, std::string cause, duration retry_after, instant now,
                             breaker_effects& out) {
  out.push_back({state_, to, std::move(cause), retry_after});
  state_ = to;
  since_ = now;
  ++transitions_;
  window_.clear();
  probes_.end_round(now);
}

void circuit_breaker::reconfigure(const breaker_settings& policy, double draw, instant now,
                                  breaker_effects& out) {
  timer(draw, now, out);
  const auto before = std::exchange(policy_, policy);
  if (policy.window_type != before.window_type || policy.window_size != before.window_size
      || policy.window_length != before.window_length)
    window_ = call_window{policy};
  probes_.reconfigure(policy.permitted_probes, policy.probe_deadline);
  if (policy.mode != before.mode)
    return set_mode(policy.mode, now, out);
  // Fewer probes may be wanted than were answered already.
  if (state_ == breaker_state::half_open && probes_.answered().calls > 0)
    judge_probes(draw, now, out);
}

void circuit_breaker::set_mode(breaker_mode mode, instant now, breaker_effects& out) {
  const auto to = state_for(mode);
  if (to == state_)
    return;
  openings_ = 0;
  change(to, "by order", {}, now, out);
}

void circuit_breaker::end_wait(instant now, breaker_effects& out) {
  if (state_ == breaker_state::open)
    change(breaker_state::half_open, "the server is back", {}, now, out);
}

void circuit_breaker::timer(double draw, instant now, breaker_effects& out) {
  if (now < next_timer())
    return;
  if (state_ == breaker_state::open)
    return change(breaker_state::half_open, "the wait of " + format_duration(wait_) + " is over",
                  {}, now, out);
  probes_.lose_overdue();
  end_probing(draw, now, out);
}

instant circuit_breaker::next_timer() const noexcept {
  if (state_ == breaker_state::open)
    return since_ + wait_;
  return probes_.round_due();
}

breaker_figures circuit_breaker::figures(instant now) const {
  const auto seen = state_ == breaker_state::closed ? window_.counts(now) : probes_.answered();
  return {.state = state_,
          .lasts = now - since_,
          .calls = seen.calls,
          .failed = seen.failed,
          .slow = seen.slow,
          .failure_rate = share(seen.failed, seen.calls),
          .slow_call_rate = share(seen.slow, seen.calls),
          .probes_in_flight = probes_.in_flight(now),
          .refused = refused_,
          .transitions = transitions_};
}

} // namespace moor::machines
