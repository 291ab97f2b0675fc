#include "moor/machines/health.hpp"

#include <algorithm>
#include <utility>

#include "moor/config/parse.hpp"
#include "moor/machines/health_words.hpp"
#include "moor/messages/overload.hpp"

namespace moor::machines {

namespace {

/// Whether no check can succeed until somebody mends credentials or a certificate.
bool is_lasting(const failure& why) {
  return why.code == errc::authentication_failed || why.code == errc::tls_failed;
}

/// Whether the server said something: then it is not lost, whatever it said.
bool is_answer(const failure& why) {
  return is_overload(why) || is_lasting(why)
         || (why.code == errc::operation_failed && why.reach == spoils::nothing);
}

/// Why a pool that began with one primary, or with none, must not go on; empty if it may.
std::string new_primary(const server_view& before, const server_view& now) {
  const auto name_of = [](const server_view& v) { return v.me.empty() ? "the server" : v.me; };
  if (before.writable && !now.writable)
    return name_of(before) + " is no longer the primary";
  if (!before.writable && now.writable)
    return name_of(now) + " became the primary";
  // Without a primary every check may meet another secondary.
  if (!now.writable)
    return {};
  const auto name = name_of(now);
  if (!before.me.empty() && !now.me.empty() && before.me != now.me)
    return "the primary changed from " + before.me + " to " + now.me;
  if (!before.election_id.empty() && !now.election_id.empty()
      && before.election_id != now.election_id)
    return name + " became the primary anew";
  return {};
}

} // namespace

health::health(settings config, instant now) : config_(std::move(config)), since_(now) {}

// -- events --------------------------------------------------------------------------------------

void health::pool_is(const pool_news& news, instant now, health_effects& out) {
  const auto before = std::exchange(pool_, news);
  if (news.generation != before.generation)
    knows_primary_ = false;
  if (doubt_ && (news.phase != pool_phase::ready || news.generation > doubt_->generation))
    doubt_.reset();
  if (news.phase == before.phase)
    return;
  if (news.phase == pool_phase::ready) {
    was_ready_ = true;
    if (watches())
      next_check_ = now;
    else
      observe(now, out);
    return;
  }
  // Where the pool lost its server, the monitoring connection is to be trusted no more.
  end_check();
  next_check_ = no_deadline;
  forget_connection(out);
  if (news.phase != pool_phase::paused)
    return change(news.phase == pool_phase::closed ? health_state::stopped : health_state::draining,
                  now, out);
  observe(now, out);
  schedule(now);
}

void health::breaker_is(breaker_scope which, const breaker_changed& changed, instant now,
                        health_effects& out) {
  // Half open it needs calls to decide by, which a degraded pool might shed.
  if (changed.to != breaker_state::open && changed.to != breaker_state::forced_open)
    breakers_.erase(which);
  else
    breakers_[which]
      = std::string{to_string(changed.to)} + (changed.cause.empty() ? "" : ": " + changed.cause);
  if (is_final() || pool_.phase != pool_phase::ready)
    return;
  if (!watches())
    observe(now, out);
  else if (!checking_ && lasting_failures_ < config_.retry.attempts)
    next_check_ = std::min(next_check_, now + config_.health.interval_unhealthy);
}

void health::dialled(instant now) {
  if (checking_)
    deadline_ = now + config_.connect_timeout + grace;
}

void health::checked(const server_view& seen, instant now, health_effects& out) {
  if (!checking_)
    return;
  end_check();
  ++checks_;
  worked_ = true;
  lasting_failures_ = 0;
  lost_.reset();
  refusal_.clear();
  round_trips_.add(seen.round_trip);
  connections_were_left_ |= seen.connections_available && *seen.connections_available > 0;
  const auto before = std::exchange(seen_, seen);
  const auto why = std::exchange(knows_primary_, true) ? new_primary(before, seen) : std::string{};
  if (why.empty()) {
    observe(now, out);
  } else { // the pool's pause is what will be observed
    knows_primary_ = false;
    forget_connection(out);
    doubt({errc::server_state_changed, spoils::generation, 0, why}, out);
  }
  schedule(now);
}

void health::check_failed(const failure& why, instant now, health_effects& out) {
  if (!checking_)
    return;
  end_check();
  ++checks_;
  ++failed_checks_;
  const auto had_worked = worked_;
  if (why.reach != spoils::nothing || !is_answer(why))
    forget_connection(out);
  lasting_failures_ = is_lasting(why) ? lasting_failures_ + 1 : 0;
  if (is_answer(why)) {
    lost_.reset();
    refusal_ = why.text;
  } else if (had_worked && why.code != errc::server_state_changed) {
    return begin_check(now, out);
  } else {
    lost_ = why;
    refusal_.clear();
    round_trips_.reset();
    if (pool_.phase == pool_phase::ready)
      doubt(why, out);
  }
  observe(now, out);
  schedule(now);
}

void health::check_not_made(instant now, health_effects& out) {
  if (!checking_)
    return;
  end_check();
  forget_connection(out);
  next_check_ = now + config_.health.interval_unhealthy;
}

void health::connection_gone(instant now, health_effects& out) {
  worked_ = false;
  check_not_made(now, out);
}

void health::adopt(bool in_the_middle, instant now, health_effects& out) {
  if (!in_the_middle)
    return;
  if (doubt_)
    out.emplace_back(*doubt_);
  if (!checking_)
    return;
  forget_connection(out);
  begin_check(now, out);
}

void health::reconfigure(const settings& config, bool rotated, instant now, health_effects& out) {
  const auto watched = watches();
  config_ = config;
  if (is_final())
    return;
  const auto checked = checking_;
  if (rotated || !watches()) {
    end_check();
    out.emplace_back(drop_connection{}); // the next one has its place, and its trust
  }
  if (!watches()) {
    next_check_ = no_deadline;
    lost_.reset();
    refusal_.clear();
    if (watched)
      observe(now, out);
  } else if (rotated && checked) {
    begin_check(now, out);
  } else if (!checking_ && pool_.phase == pool_phase::ready && (rotated || !watched)) {
    next_check_ = now;
  } else if (!checking_ && !watched) {
    schedule(now);
  } else if (next_check_ != no_deadline) {
    next_check_ = std::min(next_check_, now + config_.health.interval);
  }
}

void health::timer(instant now, health_effects& out) {
  if (checking_ && now >= deadline_)
    return check_failed(
      {errc::operation_timeout, spoils::connection, 0,
       "the server did not answer a check within " + format_duration(config_.connect_timeout)},
      now, out);
  if (checking_ || now < next_check_)
    return;
  out.emplace_back(ask_pool{});
  if (pool_.phase == pool_phase::ready)
    return begin_check(now, out);
  observe(now, out);
  schedule(now);
}

instant health::next_timer() const noexcept {
  return checking_ ? deadline_ : next_check_;
}

// -- checks --------------------------------------------------------------------------------------

void health::begin_check(instant now, health_effects& out) {
  checking_ = true;
  deadline_ = now + config_.connect_timeout + grace;
  next_check_ = no_deadline;
  out.emplace_back(check_server{});
}

void health::end_check() {
  checking_ = false;
  deadline_ = no_deadline;
}

void health::forget_connection(health_effects& out) {
  worked_ = false;
  out.emplace_back(drop_connection{});
}

void health::doubt(failure why, health_effects& out) {
  why.reach = spoils::generation;
  doubt_ = doubt_server{std::move(why), pool_.generation};
  out.emplace_back(*doubt_);
}

void health::schedule(instant now) {
  if (!watches() || is_final())
    return;
  const auto well = state_ == health_state::healthy && judge() == verdict::good && !doubt_;
  auto interval = well ? config_.health.interval : config_.health.interval_unhealthy;
  // What reaches the server meanwhile may lock the account, and comes to nothing.
  if (lasting_failures_ >= config_.retry.attempts && pool_.phase == pool_phase::ready)
    interval = std::max(interval, config_.retry.longest_delay);
  next_check_ = now + interval;
}

// -- states --------------------------------------------------------------------------------------

bool health::is_final() const noexcept {
  return state_ == health_state::draining || state_ == health_state::stopped;
}

std::string health::what_is_bad() const {
  if (pool_.phase == pool_phase::paused)
    return pool_.cause.empty() ? "the server was not seen yet" : pool_.cause;
  return lost_ ? lost_->text : "";
}

std::vector<std::string> health::what_degrades() const {
  const auto& limits = config_.health;
  std::vector<std::string> causes;
  const auto add = [&](bool holds, auto words) {
    if (holds)
      causes.push_back(words());
  };
  add(!refusal_.empty(), [&] { return "the check was refused: " + refusal_; });
  add(only_secondary(), [&] { return "only a secondary is reachable, which takes no writes"; });
  const auto mean = round_trips_.mean();
  const auto longest = limits.degraded_round_trip_time;
  add(longest > duration::zero() && mean > longest, [&] {
    return "the mean round-trip time is " + in_words(mean) + ", the threshold is "
           + in_words(longest);
  });
  // A stand-in for a server may always say 0; one that never said more is not judged.
  const auto left = static_cast<double>(*seen_.connections_available);
  const auto in_all = left + static_cast<double>(*seen_.connections_current);
  const auto least = limits.degraded_connections_left;
  add(connections_were_left_ && seen_.connections_available && seen_.connections_current
        && in_all > 0 && left / in_all < least,
      [&] {
        return "the server has " + std::to_string(*seen_.connections_available) + " connections ("
               + percent(left / in_all) + ") left, the threshold is " + percent(least);
      });
  const auto most = limits.degraded_waiting_share;
  const auto per_connection = static_cast<double>(pool_.waiting)
                              / static_cast<double>(std::max<std::uint64_t>(pool_.max_size, 1));
  add(most > 0 && per_connection > most, [&] {
    return std::to_string(pool_.waiting) + " requests wait for " + std::to_string(pool_.max_size)
           + " connections, the threshold is " + format_number(most) + " for each";
  });
  for (const auto& [which, words] : breakers_)
    causes.push_back(std::string{"the circuit breaker over "}
                       .append(to_string(which))
                       .append(" is ")
                       .append(words));
  return causes;
}

std::vector<std::string> health::causes() const {
  if (is_final())
    return {};
  if (auto bad = what_is_bad(); !bad.empty())
    return {std::move(bad)};
  return what_degrades();
}

health::verdict health::judge() const {
  if (!what_is_bad().empty())
    return verdict::bad;
  return what_degrades().empty() ? verdict::good : verdict::degraded;
}

void health::observe(instant now, health_effects& out) {
  // Before that nobody asked for the server, or it is being looked for the first time.
  if (is_final() || !was_ready_)
    return;
  const auto seen = judge();
  const auto count = [](std::uint32_t& run, bool holds) { run = holds ? run + 1 : 0; };
  count(run_.good, seen == verdict::good);
  count(run_.not_bad, seen != verdict::bad);
  count(run_.not_good, seen != verdict::good);
  count(run_.bad, seen == verdict::bad);
  // Without checks there is nothing that could be seen again.
  const auto failures = watches() ? config_.health.failures : 1;
  const auto recoveries
    = watches() && state_ != health_state::starting ? config_.health.recoveries : 1;
  const auto bad_enough = [&](std::uint32_t run) { return run >= failures; };
  auto next = state_;
  if (bad_enough(run_.bad))
    next = health_state::unavailable;
  else if (run_.good >= recoveries)
    next = health_state::healthy;
  else if (state_ == health_state::unavailable ? run_.not_bad >= recoveries
                                               : bad_enough(run_.not_good))
    next = health_state::degraded;
  if (next != state_)
    change(next, now, out);
}

void health::change(health_state to, instant now, health_effects& out) {
  changes_.push_back({state_, to, now, {}});
  state_ = to;
  since_ = now;
  changes_.back().causes = causes();
  if (to == health_state::degraded && changes_.back().causes.empty())
    changes_.back().causes.emplace_back("it was unavailable a moment ago");
  out.emplace_back(changes_.back());
  if (changes_.size() > changes_kept)
    changes_.pop_front();
}

health_report health::report(instant now) const {
  health_report all;
  all.state = state_;
  all.lasting = now - since_;
  all.causes = causes();
  all.read_only = only_secondary() && pool_.phase == pool_phase::ready && !lost_;
  all.round_trip_mean = round_trips_.mean();
  all.round_trip_min = round_trips_.least();
  all.checks = checks_;
  all.failed_checks = failed_checks_;
  all.server = seen_;
  return all;
}

} // namespace moor::machines
