// The steps that the pool's events are made of: serving who waits, refusing, closing.
#include "moor/machines/pool.hpp"

#include <algorithm>
#include <utility>

namespace moor::machines {

void pool::publish(event_type type, pool_event event) {
  event.type = type;
  event.generation = generation_;
  event.at = now_ - created_;
  figures_.on(event);
  out_->emplace_back(machines::publish{std::move(event)});
}

// -- serving -------------------------------------------------------------------------------------

void pool::join_queue(const waiter& w) {
  if (!anybody_sheddable())
    delay_.begins(now_);
  waiting_.push(w);
}

void pool::dispatch() {
  if (serving()) {
    replace_outdated();
    serve_from_available();
    establish_on_demand();
    populate();
    report_warm_requests();
  }
  watch_load();
}

void pool::serve_from_available() {
  while (!waiting_.empty()) {
    auto* e = connections_.newest_available();
    if (e == nullptr || is_kept_from(waiting_.front()))
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
  e.lent_at = now_;
  leases_.emplace(e.lease, e.id);
  if (w.level == priority::critical)
    critical_leases_.insert(e.lease);
  ++totals_.granted;
  delay_.served(w.level, now_ - w.since, now_);
  publish(event_type::checked_out,
          {.connection = e.id, .request = w.request, .lease = e.lease, .took = now_ - w.since});
  out_->emplace_back(grant{w.request, e.lease, e.id});
}

void pool::establish_on_demand() {
  const auto may_create = [this] {
    return !is_full() && connections_.count(connection_state::pending) < config_.max_connecting;
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
  while (connections_.total() < wanted && !is_full()
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
    return failure_of(errc::pool_closed);
  if (!drains_.empty())
    return failure_of(errc::draining);
  if (clear_cause_.empty())
    return {errc::pool_cleared, spoils::nothing, 0,
            "Connection pool for " + address_ + " is paused: its server was not seen yet"};
  auto why = failure_of(errc::pool_cleared,
                        "Connection pool for " + address_
                          + " was cleared because another operation failed with: " + clear_cause_);
  why.cause = cleared_for_;
  return why;
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
  if (!was_open)
    return;
  closing_.insert(id);
  out_->emplace_back(close_connection{id});
}

void pool::keep_or_close(connection_entry& e) {
  if (closed_)
    close_entry(e.id, event_reason::pool_closed);
  else if (const auto reason = connections_.perished(e, generation_, now_))
    close_entry(e.id, *reason);
  else if (has_surplus())
    close_entry(e.id, event_reason::surplus);
  else
    connections_.make_available(e);
}

void pool::cut_entry(connection_id id, event_reason reason, const failure& why) {
  const auto* e = connections_.find(id);
  const auto lease = e->lease;
  if (lease != 0) {
    figures_.cut_off(now_ - e->lent_at);
    leases_.erase(lease);
    critical_leases_.erase(lease);
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

/// No goodbye waits for a server in trouble.
void pool::cut_all_available(event_reason reason, const failure& why) {
  for (const auto id : connections_.in_state(connection_state::available))
    cut_entry(id, reason, why);
}

void pool::abandon_all_pending(event_reason reason) {
  for (const auto id : connections_.in_state(connection_state::pending)) {
    out_->emplace_back(abandon_connection{id});
    close_entry(id, reason);
  }
}

} // namespace moor::machines
