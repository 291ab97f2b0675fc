#include "moor/machines/pool.hpp"

#include <algorithm>
#include <utility>

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

failure plain(errc code) {
  return {code, spoils::nothing, 0, std::string{cause_of(code)}};
}

} // namespace

pool::pool(const settings& config, std::string address, instant now, pool_effects& out)
  : config_(config),
    address_(std::move(address)),
    created_(now),
    now_(now),
    out_(&out),
    connections_(config) {
  publish(event_type::pool_created, {.options = cmap_options(config_)});
}

void pool::begin(instant now, pool_effects& out) {
  now_ = now;
  out_ = &out;
  end_overdue();
}

void pool::publish(event_type type, pool_event event) {
  event.type = type;
  event.generation = generation_;
  event.at = now_ - created_;
  out_->emplace_back(machines::publish{std::move(event)});
}

// -- borrowers -----------------------------------------------------------------------------------

void pool::check_out(request_id request, priority level, instant deadline, instant now,
                     pool_effects& out) {
  begin(now, out);
  publish(event_type::check_out_started, {.request = request});
  const waiter w{request, level, now, deadline};
  if (closed_ || !drains_.empty())
    refuse(w, refusal(), event_reason::pool_closed);
  else if (!ready_)
    refuse(w, refusal(), event_reason::connection_error);
  else if (deadline <= now)
    refuse(w, plain(errc::wait_queue_timeout), event_reason::timeout);
  else if (waiting_.size() >= config_.wait_queue_limit)
    refuse(w, plain(errc::queue_full), event_reason::queue_full);
  else {
    waiting_.push(w);
    dispatch();
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
  ++totals_.returned;
  auto& e = *connections_.find(id);
  e.lease = 0;
  // SDAM: the pool is cleared before the connection that met the error goes back to it.
  if (why && why->reach == spoils::generation && e.generation == generation_ && !closed_)
    do_clear(false, why);
  publish(event_type::checked_in, {.connection = id, .lease = lease});
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
    return refuse(request, plain(errc::queue_full));
  warms_.push_back({request, count, deadline});
  population_rests_ = false;
  dispatch();
}

// -- connections ---------------------------------------------------------------------------------

void pool::established(connection_id id, double draw, instant now, pool_effects& out) {
  begin(now, out);
  auto* e = connections_.find(id);
  if (e == nullptr) { // abandoned meanwhile
    out.emplace_back(close_connection{id});
    return;
  }
  if (e->state != connection_state::pending)
    return;
  waiting_.drop_attempt(id);
  population_rests_ = false;
  connections_.begin_life(*e, draw, now);
  publish(event_type::connection_ready, {.connection = id, .took = now - e->created});
  connections_.make_available(*e);
  if (e->generation != generation_)
    close_entry(id, event_reason::stale);
  dispatch();
}

void pool::establishing_failed(connection_id id, const failure& why, instant now,
                               pool_effects& out) {
  begin(now, out);
  const auto* e = connections_.find(id);
  if (e == nullptr || e->state != connection_state::pending)
    return;
  // A dial from before the pool was cleared says nothing about the server as it is now.
  if (e->generation != generation_) {
    close_entry(id, event_reason::error);
    dispatch();
    return;
  }
  population_rests_ = true;
  // An answer from the server says that every connection would meet it; a network error alone does
  // not clear the pool, for it may be the server's defence against overload. (SDAM)
  if (why.reach == spoils::generation) {
    const auto on_behalf_of = waiting_.take_attempt(id);
    do_clear(false, why);
    end_pending(id, why);
    if (on_behalf_of)
      refuse(*on_behalf_of, why, event_reason::connection_error);
  } else {
    end_pending(id, why);
  }
  dispatch();
}

void pool::end_pending(connection_id id, const failure& why) {
  close_entry(id, event_reason::error);
  if (const auto w = waiting_.take_attempt(id))
    refuse(*w, why, event_reason::connection_error);
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

void pool::connector_lost(instant now, pool_effects& out) {
  begin(now, out);
  for (const auto id : connections_.in_state(connection_state::pending)) {
    waiting_.drop_attempt(id);
    close_entry(id, event_reason::error);
  }
  dispatch();
}

// -- the pool itself -----------------------------------------------------------------------------

void pool::ready(instant now, pool_effects& out) {
  begin(now, out);
  if (ready_ || closed_)
    return;
  ready_ = true;
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
}

void pool::do_clear(bool interrupt_in_use, const std::optional<failure>& why) {
  ++generation_;
  if (ready_) {
    ready_ = false;
    clear_cause_ = why ? why->text : "a request to clear it";
    publish(event_type::pool_cleared, {.interrupt_in_use = interrupt_in_use});
    out_->emplace_back(seek_server{why});
  }
  if (interrupt_in_use) {
    cut_in_use(event_reason::stale,
               {errc::pool_cleared, spoils::connection, 0,
                "Connection to " + address_ + " interrupted due to server monitor timeout"});
    abandon_all_pending(event_reason::stale);
  }
  close_all_available(event_reason::stale);
  refuse_all(refusal(), event_reason::connection_error);
}

void pool::close(instant now, pool_effects& out) {
  begin(now, out);
  if (!closed_)
    do_close();
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
    return refuse(request, plain(errc::queue_full));
  drains_.push_back({request, deadline, totals_.returned, totals_.revoked});
  refuse_all(plain(errc::draining), event_reason::pool_closed);
  finish_drain_if_empty();
  end_overdue(); // its own deadline may be now
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
    refuse(*w, plain(errc::wait_queue_timeout), event_reason::timeout);
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

// -- serving -------------------------------------------------------------------------------------

void pool::dispatch() {
  if (!serving())
    return;
  serve_from_available();
  establish_on_demand();
  populate();
  report_warm_requests();
}

void pool::serve_from_available() {
  while (!waiting_.empty()) {
    auto* e = connections_.newest_available();
    if (e == nullptr)
      return;
    if (const auto reason = connections_.perished(*e, generation_, now_)) {
      close_entry(e->id, *reason);
    } else if (now_ - e->proven_at > config_.check_after_idle) {
      // Never more pings than waiters; and what lies below the newest is no fresher.
      if (connections_.count(connection_state::checking, generation_) >= waiting_.size())
        return;
      connections_.move_to(*e, connection_state::checking);
      out_->emplace_back(ping_connection{e->id});
    } else {
      grant_to_first(*e);
    }
  }
}

void pool::grant_to_first(connection_entry& e) {
  const auto w = waiting_.pop();
  connections_.move_to(e, connection_state::in_use);
  e.lease = ++last_lease_;
  leases_.emplace(e.lease, e.id);
  ++totals_.granted;
  publish(event_type::checked_out,
          {.connection = e.id, .request = w.request, .lease = e.lease, .took = now_ - w.since});
  out_->emplace_back(grant{w.request, e.lease, e.id});
}

void pool::establish_on_demand() {
  const auto may_create = [this] {
    return connections_.total() < config_.max_pool_size
           && connections_.count(connection_state::pending) < config_.max_connecting;
  };
  if (waiting_.empty() || !may_create())
    return;
  // What an earlier generation still brings is closed on arrival: it serves nobody.
  auto coming = connections_.count(connection_state::checking, generation_)
                + connections_.count(connection_state::pending, generation_);
  for (; coming < waiting_.size() && may_create(); ++coming)
    waiting_.assign_attempt(create());
}

void pool::populate() {
  if (population_rests_)
    return;
  std::uint64_t wanted = config_.min_pool_size;
  for (const auto& w : warms_)
    wanted = std::max(wanted, w.count);
  wanted = std::min<std::uint64_t>(wanted, config_.max_pool_size);
  while (connections_.total() < wanted
         && connections_.count(connection_state::pending) < config_.max_connecting)
    create();
}

connection_id pool::create() {
  const auto id = connections_.add(generation_, now_).id;
  publish(event_type::connection_created, {.connection = id});
  out_->emplace_back(open_connection{id});
  return id;
}

void pool::report_warm_requests() {
  const auto standing = connections_.established();
  const auto reached = [&](const warm_request& w) {
    if (w.count > standing)
      return false;
    out_->emplace_back(report_warm{w.request, standing});
    return true;
  };
  std::erase_if(warms_, reached);
}

// -- refusing and closing ------------------------------------------------------------------------

failure pool::refusal() const {
  if (closed_)
    return plain(errc::pool_closed);
  if (!drains_.empty())
    return plain(errc::draining);
  if (clear_cause_.empty())
    return {errc::pool_cleared, spoils::nothing, 0,
            "Connection pool for " + address_ + " is paused: its server was not seen yet"};
  return {errc::pool_cleared, spoils::nothing, 0,
          "Connection pool for " + address_
            + " was cleared because another operation failed with: " + clear_cause_};
}

void pool::refuse(const waiter& w, failure why, event_reason reason) {
  ++(reason == event_reason::timeout ? totals_.timed_out : totals_.refused);
  publish(event_type::check_out_failed,
          {.reason = reason, .request = w.request, .took = now_ - w.since});
  refuse(w.request, std::move(why));
}

void pool::refuse(request_id request, failure why) {
  out_->emplace_back(machines::refuse{request, std::move(why)});
}

void pool::refuse_warms(const failure& why) {
  for (const auto& w : std::exchange(warms_, {}))
    refuse(w.request, why);
}

void pool::refuse_all(const failure& why, event_reason reason) {
  while (!waiting_.empty())
    refuse(waiting_.pop(), why, reason);
  refuse_warms(why);
}

void pool::close_entry(connection_id id, event_reason reason) {
  const auto was_open = connections_.find(id)->state != connection_state::pending;
  connections_.remove(id);
  publish(event_type::connection_closed, {.reason = reason, .connection = id});
  if (was_open)
    out_->emplace_back(close_connection{id});
}

void pool::keep_or_close(connection_entry& e) {
  if (closed_)
    close_entry(e.id, event_reason::pool_closed);
  else if (const auto reason = connections_.perished(e, generation_, now_))
    close_entry(e.id, *reason);
  else
    connections_.make_available(e);
}

void pool::cut_entry(connection_id id, event_reason reason, const failure& why) {
  const auto lease = connections_.find(id)->lease;
  if (lease != 0) {
    leases_.erase(lease);
    ++totals_.revoked;
  }
  connections_.remove(id);
  publish(event_type::connection_closed, {.reason = reason, .connection = id});
  out_->emplace_back(cut_connection{id, lease, why});
}

void pool::cut_in_use(event_reason reason, const failure& why) {
  for (const auto state : {connection_state::in_use, connection_state::checking})
    for (const auto id : connections_.in_state(state))
      cut_entry(id, reason, why);
}

void pool::close_all_available(event_reason reason) {
  for (const auto id : connections_.in_state(connection_state::available))
    close_entry(id, reason);
}

void pool::abandon_all_pending(event_reason reason) {
  for (const auto id : connections_.in_state(connection_state::pending)) {
    out_->emplace_back(abandon_connection{id});
    close_entry(id, reason);
  }
}

// -- observers -----------------------------------------------------------------------------------

instant pool::next_deadline() const {
  auto next = waiting_.next_deadline();
  for (const auto& w : warms_)
    next = std::min(next, w.deadline);
  for (const auto& d : drains_)
    next = std::min(next, d.deadline);
  return next;
}

pool_phase pool::phase() const noexcept {
  if (closed_)
    return pool_phase::closed;
  if (!drains_.empty())
    return pool_phase::draining;
  return ready_ ? pool_phase::ready : pool_phase::paused;
}

pool_stats pool::stats() const {
  auto s = totals_;
  s.phase = phase();
  s.generation = generation_;
  s.total = connections_.total();
  s.in_use = connections_.count(connection_state::in_use);
  s.available = connections_.count(connection_state::available);
  s.pending = connections_.count(connection_state::pending);
  s.checking = connections_.count(connection_state::checking);
  s.waiting = waiting_.size();
  s.out = leases_.size();
  s.min_size = config_.min_pool_size;
  s.max_size = config_.max_pool_size;
  return s;
}

} // namespace moor::machines
