// How the model judges what a pool publishes.
#include "machines/pool_model.hpp"

namespace moor::test {

void pool_model::on(const machines::publish& effect) {
  const auto& e = effect.event;
  check_orders_given();
  require(e.generation == generation_ || e.generation == next_generation_,
          "an event of another generation", e.generation);
  require(exists_ != (e.type == event_type::pool_created), "not created first, or twice");
  switch (e.type) {
    case event_type::pool_created: exists_ = true; return;
    case event_type::pool_ready:
      require(in_.kind == input_kind::ready && !ready_ && !closed_, "ready without cause");
      ready_ = true;
      read_only_ = in_.read_only;
      population_rests_ = false;
      return;
    case event_type::pool_cleared: return on_cleared(e);
    case event_type::pool_closed: return on_closed(e);
    case event_type::connection_created: return on_created(e);
    case event_type::connection_ready: return on_connection_ready(e);
    case event_type::connection_closed: return on_connection_closed(e);
    case event_type::check_out_started: return on_started(e);
    case event_type::check_out_failed: return on_failed(e);
    case event_type::checked_out: return on_checked_out(e);
    case event_type::checked_in: return on_checked_in(e);
    case event_type::breaker_changed: require(false, "spoke for a circuit breaker");
  }
}

// -- the pool -------------------------------------------------------------------------------------

void pool_model::on_cleared(const pool_event& e) {
  require(ready_ && !closed_, "cleared while paused or closed");
  require(next_generation_ == generation_ + 1 && e.generation == next_generation_,
          "cleared without cause", e.generation);
  require(e.interrupt_in_use == (in_.kind == input_kind::clear && in_.interrupt),
          "cleared with the wrong word about interruption");
  ready_ = false;
  read_only_ = false;
  generation_ = next_generation_;
  expected_.seek_server = true;
}

void pool_model::on_closed(const pool_event&) {
  require(!closed_, "closed twice");
  const auto drained = !drains_.empty() && leases_.empty();
  require(in_.kind == input_kind::close || drained, "closed without cause");
  require(count(place::idle) == 0 && dialled() == 0, "closed before its connections were");
  closed_ = true;
}

// -- connections ----------------------------------------------------------------------------------

void pool_model::on_created(const pool_event& e) {
  require(serving(), "created by a pool that does not serve", e.connection);
  require(e.connection == ++last_connection_, "numbered out of order", e.connection);
  // What is kept from others is looked at again, and replaced if it perished, before the event.
  const auto rests = population_rests_ && (rested_before_ || !time_took_);
  const auto populating = !rests && connections_.size() < wanted();
  const auto replacing = !rests && replacements() < outdated_idle();
  require(coming() < wishes_.size() || populating || replacing, "created without need",
          e.connection);
  connections_[e.connection].generation = generation_;
  // Before the event is over, too: the dial begins at once.
  check_bounds();
}

void pool_model::on_connection_ready(const pool_event& e) {
  const auto found = connections_.find(e.connection);
  require(found != connections_.end() && found->second.at == place::dialled
            && is_about(input_kind::established, e.connection),
          "ready without having been established", e.connection);
  auto& c = found->second;
  require(!in_.read_only || read_only_ || c.generation != generation_,
          "ready without a primary where there is one", e.connection);
  c.at = place::idle;
  c.idle_since = c.proven_at = now_;
  c.ready_at = now_;
  c.draw = in_.draw;
  c.expires = end_of(c);
  c.doomed = closed_ || c.generation != generation_;
}

void pool_model::on_connection_closed(const pool_event& e) {
  const auto found = connections_.find(e.connection);
  require(found != connections_.end(), "closed twice, or never created", e.connection);
  const auto c = found->second;
  require(may_close(e.connection, c, e.reason), "closed without cause", e.connection);
  if (c.at == place::lent) {
    leases_.erase(c.lease);
    critical_leases_.erase(c.lease);
    ++totals_.revoked;
    expected_.lease = c.lease;
  }
  if (c.at != place::dialled) {
    totals_.errors += e.reason == event_reason::error ? 1 : 0;
    expected_.closed = e.connection;
  }
  connections_.erase(found);
}

bool pool_model::may_close(connection_id id, const known_connection& c, event_reason why) const {
  const auto passed = is_about(input_kind::check_passed, id);
  const auto interrupted = in_.kind == input_kind::clear && in_.interrupt;
  const auto mine = c.at == place::idle || (c.at == place::pinged && passed);
  switch (why) {
    case event_reason::stale:
      return c.generation != generation_ && (mine || c.doomed || interrupted);
    case event_reason::idle:
      return c.at == place::idle && config_.max_idle_time > duration::zero()
             && now_ - c.idle_since > config_.max_idle_time;
    case event_reason::lifetime: return mine && now_ >= c.expires;
    case event_reason::surplus:
      return has_surplus()
             && (mine || (c.at == place::dialled && in_.kind == input_kind::reconfigure));
    case event_reason::rotated: return c.outdated && mine && may_replace(id);
    case event_reason::pool_closed: {
      const auto closing
        = closed_ || in_.kind == input_kind::close || (!drains_.empty() && leases_.empty());
      return drain_is_due() || (closing && (mine || c.doomed));
    }
    case event_reason::error: return may_close_for_error(id, c);
    default: return false;
  }
}

bool pool_model::may_close_for_error(connection_id id, const known_connection& c) const {
  if (c.at == place::dialled)
    return is_about(input_kind::establishing_failed, id)
           || (is_about(input_kind::established, id) && dial_failed_);
  if (is_about(input_kind::lost, id))
    return true;
  if (c.at == place::pinged)
    return is_about(input_kind::check_failed, id);
  // Given back spoilt in this very event.
  return c.at == place::idle && c.doomed && in_.kind == input_kind::check_in && in_.lease == c.lease
         && in_.why && in_.why->reach != spoils::nothing;
}

// -- check-outs -----------------------------------------------------------------------------------

void pool_model::on_started(const pool_event& e) {
  require(in_.kind == input_kind::check_out && in_.request == e.request,
          "started what nobody asked for", e.request);
  if (wishes_of(priority::normal) + wishes_of(priority::background) == 0)
    in_time_ = now_;
  critical_seen_ = critical_seen_ || in_.level == priority::critical;
  wishes_[e.request] = {in_.level, now_, in_.deadline, in_.read_only};
  ++started_;
}

bool pool_model::may_fail(const wish& w, event_reason why) const {
  switch (why) {
    case event_reason::timeout: return w.deadline <= now_;
    case event_reason::borrower_gone:
      return in_.kind == input_kind::withdraw && wishes_.contains(in_.request)
             && &wishes_.at(in_.request) == &w;
    case event_reason::queue_full: return wishes_.size() > config_.wait_queue_limit;
    case event_reason::pool_closed: return closed_ || !drains_.empty();
    case event_reason::connection_error: return !ready_ || dial_failed_ || is_for_primary(w);
    case event_reason::shed: return sheds_at(w) <= now_ || is_refused_while_degraded(w);
    default: return false;
  }
}

void pool_model::on_failed(const pool_event& e) {
  const auto found = wishes_.find(e.request);
  require(found != wishes_.end(), "failed what did not wait", e.request);
  require(may_fail(found->second, e.reason), "failed without cause", e.request);
  require(e.took == now_ - found->second.since, "failed after another time", e.request);
  time_took_ = time_took_ || e.reason == event_reason::timeout || e.reason == event_reason::shed;
  expected_.waited_too_long = sheds_at(found->second) <= now_;
  expected_.degraded = is_refused_while_degraded(found->second);
  expected_.for_primary = is_for_primary(found->second);
  wishes_.erase(found);
  ++failed_;
  ++(e.reason == event_reason::timeout ? totals_.timed_out : totals_.refused);
  expected_.refused = e.request;
  expected_.reason = e.reason;
}

void pool_model::on_checked_out(const pool_event& e) {
  require(serving(), "lent by a pool that does not serve", e.request);
  require(e.request == first_in_line(), "overtook", e.request);
  const auto w = wishes_.at(e.request);
  require(!is_kept_from(w.level, degradation_) || !is_kept_from(w.level, degradation_before_),
          "took what is kept for critical requests", e.request);
  require(!is_for_primary(w), "lent for writing without a primary", e.request);
  require(w.deadline > now_, "granted after its deadline", e.request);
  require(e.took == now_ - w.since, "granted after another time", e.request);
  const auto found = connections_.find(e.connection);
  require(found != connections_.end() && found->second.at == place::idle,
          "lent a connection that is not available", e.connection);
  auto& c = found->second;
  require(!c.doomed && is_sound(c), "lent a connection that perished", e.connection);
  require(is_fresh(c), "lent a connection unchecked", e.connection);
  require(e.lease == ++last_lease_, "leases numbered out of order", e.lease);
  c.at = place::lent;
  c.lease = e.lease;
  leases_[e.lease] = e.connection;
  if (w.level == priority::critical)
    critical_leases_.insert(e.lease);
  else if (e.took <= config_.shedding.queue_target)
    in_time_ = now_;
  wishes_.erase(e.request);
  ++totals_.granted;
  expected_.granted = machines::grant{e.request, e.lease, e.connection};
}

void pool_model::on_checked_in(const pool_event& e) {
  const auto held = leases_.find(e.lease);
  require(in_.kind == input_kind::check_in && in_.lease == e.lease && held != leases_.end()
            && held->second == e.connection,
          "checked in what was not returned", e.lease);
  leases_.erase(held);
  critical_leases_.erase(e.lease);
  ++totals_.returned;
  auto& c = connections_.at(e.connection);
  const auto spoilt = in_.why && in_.why->reach != spoils::nothing;
  c.doomed = spoilt || closed_ || !is_sound(c) || has_surplus();
  c.at = place::idle;
  c.idle_since = c.proven_at = now_;
}

} // namespace moor::test
