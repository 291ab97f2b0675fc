#include "moor/machines/pool.hpp"

#include <algorithm>
#include <utility>

#include "moor/machines/primary_change.hpp"

namespace moor::machines {

namespace {

std::int64_t milliseconds(duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

std::vector<std::pair<std::string, std::int64_t>> cmap_options(const settings& s) {
  return {
    {"maxPoolSize", static_cast<std::int64_t>(s.max_pool_size)},
    {"minPoolSize", static_cast<std::int64_t>(s.min_pool_size)},
    {"maxConnecting", static_cast<std::int64_t>(s.max_connecting)},
    {"maxIdleTimeMS", milliseconds(s.max_idle_time)},
    {"waitQueueTimeoutMS", milliseconds(s.wait_queue_timeout)},
  };
}

} // namespace

std::uint64_t pool::reserve_of(const settings& s) {
  // 0.29 of 100 is 29, and not what is left of it in binary.
  constexpr double rounding = 1e-9;
  return static_cast<std::uint64_t>(
    s.shedding.critical_reserve * static_cast<double>(s.max_pool_size) + rounding);
}

pool::pool(const settings& config, std::string address, instant now, pool_effects& out)
  : config_(config),
    address_(std::move(address)),
    created_(now),
    now_(now),
    out_(&out),
    connections_(config),
    reserve_(reserve_of(config)),
    delay_(config.shedding),
    saturation_(config.saturation_threshold) {
  publish(event_type::pool_created, {.options = cmap_options(config_)});
}

void pool::begin(instant now, pool_effects& out) {
  now_ = now;
  out_ = &out;
  pass_time();
}

void pool::pass_time() {
  const auto waited = waiting_.size();
  end_overdue();
  shed_overdue();
  if (waiting_.size() < waited)
    dispatch(); // what was kept for critical requests may be kept no more
  watch_load();
}

// -- borrowers -----------------------------------------------------------------------------------

void pool::check_out(request_id request, priority level, bool read_only, instant deadline,
                     instant now, pool_effects& out) {
  begin(now, out);
  publish(event_type::check_out_started, {.request = request});
  critical_seen_ = critical_seen_ || level == priority::critical;
  const waiter w{
    .request = request, .level = level, .read_only = read_only, .since = now, .deadline = deadline};
  if (closed_ || !drains_.empty())
    refuse(w, refusal(), event_reason::pool_closed);
  else if (!ready_)
    refuse(w, refusal(), event_reason::connection_error);
  else if (is_for_primary(w))
    refuse(w, failure_of(errc::read_only), event_reason::connection_error);
  else if (deadline <= now)
    refuse(w, failure_of(errc::wait_queue_timeout), event_reason::timeout);
  else if (auto why = refusal_while_degraded(level))
    shed(w, *std::move(why), totals_.shed_degraded);
  else if (waiting_.size() >= config_.wait_queue_limit)
    refuse(w, failure_of(errc::queue_full), event_reason::queue_full);
  else {
    join_queue(w);
    dispatch();
    pass_time(); // it may have made the queue long enough to be shed from
  }
}

bool pool::check_in(lease_id lease, const std::optional<failure>& why, instant now,
                    pool_effects& out) {
  begin(now, out); // which may end this very lease, at the end of a drain
  const auto held = leases_.find(lease);
  if (held == leases_.end())
    return false;
  const auto id = held->second;
  leases_.erase(held);
  critical_leases_.erase(lease);
  ++totals_.returned;
  auto& e = *connections_.find(id);
  e.lease = 0;
  // SDAM: the pool is cleared before the connection that met the error goes back to it.
  if (why && why->reach == spoils::generation && e.generation == generation_ && !closed_)
    do_clear(false, why);
  publish(event_type::checked_in, {.connection = id, .lease = lease, .took = now - e.lent_at});
  if (why && why->reach != spoils::nothing) {
    ++totals_.errors;
    close_entry(id, event_reason::error);
  } else {
    e.idle_since = now;
    e.proven_at = now;
    keep_or_close(e);
  }
  dispatch();
  finish_drain_if_empty();
  return true;
}

bool pool::revoke(lease_id lease, const failure& why, instant now, pool_effects& out) {
  begin(now, out);
  const auto held = leases_.find(lease);
  if (held == leases_.end())
    return false;
  cut_entry(held->second, event_reason::error, why);
  dispatch();
  finish_drain_if_empty();
  return true;
}

void pool::withdraw(request_id request, instant now, pool_effects& out) {
  begin(now, out);
  if (const auto w = waiting_.take(request))
    refuse(*w, failure_of(errc::stopped), event_reason::borrower_gone);
  dispatch(); // as after a deadline
}

void pool::warm(request_id request, std::uint64_t count, instant deadline, instant now,
                pool_effects& out) {
  begin(now, out);
  if (count > config_.max_pool_size)
    return refuse(request, {errc::invalid_argument, spoils::nothing, 0,
                            "warm: count is " + std::to_string(count)
                              + ", allowed is 0 to the maximum pool size "
                              + std::to_string(config_.max_pool_size)});
  if (!serving())
    return refuse(request, refusal());
  if (warms_.size() >= config_.wait_queue_limit)
    return refuse(request, failure_of(errc::queue_full));
  warms_.push_back({request, count, deadline});
  population_rests_ = false;
  dispatch();
}

// -- connections ---------------------------------------------------------------------------------

void pool::established(connection_id id, double draw, bool read_only, instant now,
                       pool_effects& out) {
  begin(now, out);
  auto* e = connections_.find(id);
  if (e == nullptr) { // abandoned meanwhile
    out.emplace_back(cut_connection{id, 0, failure_of(errc::connection_lost)});
    return;
  }
  if (e->state != connection_state::pending)
    return;
  if (read_only && !read_only_ && e->generation == generation_) {
    const auto why = primary_change(true);
    fail_attempt(id, why);
    out.emplace_back(cut_connection{id, 0, why});
    return dispatch();
  }
  waiting_.drop_attempt(id);
  population_rests_ = false;
  connections_.begin_life(*e, draw, now);
  publish(event_type::connection_ready, {.connection = id, .took = now - e->created});
  connections_.make_available(*e);
  if (e->generation != generation_)
    close_entry(id, event_reason::stale);
  else if (!e->outdated)
    close_replaced();
  dispatch();
}

void pool::establishing_failed(connection_id id, const failure& why, instant now,
                               pool_effects& out) {
  begin(now, out);
  const auto* e = connections_.find(id);
  if (e == nullptr || e->state != connection_state::pending)
    return;
  // A dial from before the pool was cleared says nothing about the server as it is now.
  // Nor does one with what was in force before say anything about what is.
  if (e->generation != generation_ || e->outdated) {
    waiting_.drop_attempt(id);
    close_entry(id, event_reason::error);
    dispatch();
    return;
  }
  fail_attempt(id, why);
  dispatch();
}

void pool::fail_attempt(connection_id id, const failure& why) {
  population_rests_ = true;
  const auto on_behalf_of = waiting_.take_attempt(id);
  // An answer from the server says that every connection would meet it; a network error alone does
  // not clear the pool, for it may be the server's defence against overload. (SDAM)
  if (why.reach == spoils::generation)
    do_clear(false, why);
  close_entry(id, event_reason::error);
  if (on_behalf_of)
    refuse(*on_behalf_of, why, event_reason::connection_error);
  refuse_warms(why);
}

void pool::check_passed(connection_id id, instant now, pool_effects& out) {
  begin(now, out);
  auto* e = connections_.find(id);
  if (e == nullptr || e->state != connection_state::checking)
    return;
  e->proven_at = now;
  keep_or_close(*e);
  dispatch();
}

void pool::check_failed(connection_id id, const failure& why, instant now, pool_effects& out) {
  begin(now, out);
  const auto* e = connections_.find(id);
  if (e == nullptr || e->state != connection_state::checking)
    return;
  ++totals_.errors;
  // A server or a firewall may have dropped this one for being idle: the others are checked in
  // turn.
  cut_entry(id, event_reason::error, why);
  dispatch();
}

void pool::closed(connection_id id, instant now, pool_effects& out) {
  begin(now, out);
  if (closing_.erase(id) > 0)
    dispatch();
}

void pool::lost(connection_id id, const failure& why, instant now, pool_effects& out) {
  begin(now, out);
  const auto* e = connections_.find(id);
  if (e == nullptr)
    return;
  ++totals_.errors;
  cut_entry(id, event_reason::error, why);
  dispatch();
  finish_drain_if_empty();
}

// -- the pool itself -----------------------------------------------------------------------------

void pool::ready(bool read_only, instant now, pool_effects& out) {
  begin(now, out);
  if (closed_ || (ready_ && read_only == read_only_))
    return;
  if (ready_) { // what stands was made for the other
    do_clear(false, primary_change(read_only));
    return watch_load();
  }
  ready_ = true;
  read_only_ = read_only;
  population_rests_ = false;
  clear_cause_.clear();
  publish(event_type::pool_ready);
  dispatch();
}

void pool::clear(bool interrupt_in_use, const std::optional<failure>& why, instant now,
                 pool_effects& out) {
  begin(now, out);
  if (!closed_)
    do_clear(interrupt_in_use, why);
  finish_drain_if_empty();
  watch_load();
}

void pool::still_lost(const failure& why) {
  if (ready_ || clear_cause_.empty())
    return;
  clear_cause_ = why.text;
  cleared_for_ = why.cause;
}

void pool::do_clear(bool interrupt_in_use, const std::optional<failure>& why) {
  ++generation_;
  read_only_ = false;
  if (ready_) {
    ready_ = false;
    clear_cause_ = why ? why->text : "a request to clear it";
    cleared_for_ = why ? why->cause : failure_cause::other;
    publish(event_type::pool_cleared,
            {.interrupt_in_use = interrupt_in_use, .cause = clear_cause_});
    out_->emplace_back(seek_server{why});
  }
  if (interrupt_in_use) {
    cut_in_use(event_reason::stale,
               {errc::pool_cleared, spoils::connection, 0,
                "Connection to " + address_ + " interrupted due to server monitor timeout"});
    abandon_all_pending(event_reason::stale);
  }
  if (why)
    cut_all_available(event_reason::stale, *why);
  else
    close_all_available(event_reason::stale);
  refuse_all(refusal(), event_reason::connection_error);
}

void pool::close(instant now, pool_effects& out) {
  begin(now, out);
  if (!closed_)
    do_close();
  watch_load();
}

void pool::do_close() {
  closed_ = true;
  close_all_available(event_reason::pool_closed);
  abandon_all_pending(event_reason::pool_closed);
  publish(event_type::pool_closed);
  refuse_all(refusal(), event_reason::pool_closed);
  if (leases_.empty())
    report_drains();
}

void pool::drain(request_id request, instant deadline, instant now, pool_effects& out) {
  begin(now, out);
  if (drains_.size() >= config_.wait_queue_limit)
    return refuse(request, failure_of(errc::queue_full));
  drains_.push_back({request, deadline, totals_.returned, totals_.revoked});
  refuse_all(failure_of(errc::draining), event_reason::pool_closed);
  finish_drain_if_empty();
  end_overdue(); // its own deadline may be now
  watch_load();
}

void pool::finish_drain_if_empty() {
  if (drains_.empty() || !leases_.empty())
    return;
  if (!closed_)
    do_close();
  else
    report_drains();
}

void pool::report_drains() {
  for (const auto& d : std::exchange(drains_, {}))
    out_->emplace_back(
      report_drained{d.request, totals_.returned - d.returned, totals_.revoked - d.revoked});
}

void pool::expire(instant now, pool_effects& out) {
  begin(now, out);
}

void pool::end_overdue() {
  while (const auto w = waiting_.take_over(now_))
    refuse(*w, failure_of(errc::wait_queue_timeout), event_reason::timeout);
  const auto over = [this](const auto& r) { return r.deadline <= now_; };
  for (const auto& w : warms_)
    if (over(w))
      refuse(w.request,
             {errc::wait_queue_timeout, spoils::nothing, 0,
              "warm: " + std::to_string(connections_.established()) + " of "
                + std::to_string(w.count) + " connections were established by the deadline"});
  std::erase_if(warms_, over);
  if (std::any_of(drains_.begin(), drains_.end(), over)) {
    cut_in_use(event_reason::pool_closed,
               {errc::draining, spoils::connection, 0,
                "The operation was cut off: the connection pool drained and its deadline came"});
    finish_drain_if_empty();
  }
}

void pool::run_background(instant now, pool_effects& out) {
  begin(now, out);
  population_rests_ = false;
  for (const auto id : connections_.in_state(connection_state::available)) {
    auto& e = *connections_.find(id);
    if (const auto reason = connections_.perished(e, generation_, now)) {
      close_entry(id, *reason);
    } else if (config_.keepalive > duration::zero() && now - e.proven_at >= config_.keepalive) {
      connections_.move_to(e, connection_state::checking);
      out_->emplace_back(ping_connection{id});
    }
  }
  dispatch();
}

// -- observers -----------------------------------------------------------------------------------

instant pool::next_deadline() const {
  auto next = waiting_.next_deadline();
  for (const auto& w : warms_)
    next = std::min(next, w.deadline);
  for (const auto& d : drains_)
    next = std::min(next, d.deadline);
  if (const auto* w = next_to_shed())
    next = std::min(next, sheds_at(*w));
  return std::min(next, saturation_.next(current_load()));
}

pool_phase pool::phase() const noexcept {
  if (closed_)
    return pool_phase::closed;
  if (!drains_.empty())
    return pool_phase::draining;
  return ready_ ? pool_phase::ready : pool_phase::paused;
}

bool pool::is_checking(connection_id id) const {
  const auto& entries = connections_.entries();
  const auto found = entries.find(id);
  return found != entries.end() && found->second.state == connection_state::checking;
}

} // namespace moor::machines
