// A pool whose supervisor died mends its books against those of its successor.
#include <algorithm>
#include <utility>

#include "moor/machines/pool.hpp"

namespace moor::machines {

void pool::adopt(const roll& there, instant now, pool_effects& out) {
  // While no supervisor was there nobody could be served, which is no overload.
  delay_.leave_out(now - now_);
  now_ = now;
  out_ = &out;
  connections_.mend();
  closing_ = there.closing;
  adopt_connections(there);
  adopt_leases(there);
  adopt_requests(there);
  // Promise 3 holds by what is out now; a grant that reached nobody counts as returned.
  const auto ended = totals_.returned + totals_.revoked + leases_.size();
  totals_.returned += totals_.granted > ended ? totals_.granted - ended : 0;
  totals_.granted = totals_.returned + totals_.revoked + leases_.size();
  give_lost_orders(there);
  end_overdue();
  dispatch();
  finish_drain_if_empty();
}

void pool::adopt_connections(const roll& there) {
  const auto entries = connections_.entries(); // a copy: entries go away meanwhile
  for (const auto& [id, e] : entries) {
    const auto stands = there.connections.contains(id);
    const auto lacks_primary
      = there.read_only.contains(id) && !read_only_ && e.generation == generation_;
    if (e.state == connection_state::pending && stands && lacks_primary) {
      waiting_.drop_attempt(id);            // the next one tells whether the primary is gone
      close_entry(id, event_reason::error); // and is cut below
    } else if (e.state == connection_state::pending && stands) {
      // It was established, and the news died with the supervisor.
      auto& entry = *connections_.find(id);
      waiting_.drop_attempt(id);
      connections_.begin_life(entry, 0, now_);
      keep_or_close(entry);
    } else if (e.state != connection_state::pending && !stands) {
      cut_entry(id, event_reason::error, failure_of(errc::connection_lost));
    }
  }
  for (const auto id : there.connections)
    if (connections_.find(id) == nullptr)
      out_->emplace_back(cut_connection{id, 0, failure_of(errc::connection_lost)});
}

void pool::adopt_leases(const roll& there) {
  leases_.clear();
  const auto in_use = connections_.in_state(connection_state::in_use);
  for (const auto id : in_use) {
    auto& e = *connections_.find(id);
    const auto held = there.leases.find(e.lease);
    if (held != there.leases.end() && held->second == id) {
      leases_.emplace(e.lease, id);
      continue;
    }
    // Nobody has it: what its borrower left behind is not known, so it is pinged before next use.
    publish(event_type::checked_in, {.connection = id, .lease = e.lease, .took = now_ - e.lent_at});
    e.idle_since = now_;
    e.proven_at = now_ - config_.check_after_idle - duration{1};
    keep_or_close(e);
  }
  std::erase_if(critical_leases_, [this](lease_id lease) { return !leases_.contains(lease); });
  for (const auto& [lease, id] : there.leases)
    if (!leases_.contains(lease))
      out_->emplace_back(cut_connection{id, lease, failure_of(errc::lease_ended)});
}

void pool::adopt_requests(const roll& there) {
  const auto waited = anybody_sheddable();
  const auto attempts = waiting_.attempts();
  auto known = std::exchange(waiting_, {});
  auto in_order = there.waiting;
  std::sort(in_order.begin(), in_order.end(),
            [](const waiter& a, const waiter& b) { return a.request < b.request; });
  for (const auto& asked : in_order) {
    const auto w = known.take(asked.request).value_or(asked);
    if (is_for_primary(w))
      refuse(w, failure_of(errc::read_only), event_reason::connection_error);
    else
      waiting_.push(w);
  }
  for (const auto& [id, request] : attempts)
    if (const auto* e = connections_.find(id);
        e != nullptr && e->state == connection_state::pending)
      waiting_.assign_attempt(id, request);
  if (!waited)
    delay_.begins(now_);
  while (!known.empty()) // nobody waits for these any more
    refuse(known.pop(), failure_of(errc::restarted), event_reason::borrower_gone);
  const auto unasked = [&](const auto& r) { return !there.others.contains(r.request); };
  std::erase_if(warms_, unasked);
  std::erase_if(drains_, unasked);
  const auto noted = [&](request_id id) {
    const auto is = [id](const auto& r) { return r.request == id; };
    return std::any_of(warms_.begin(), warms_.end(), is)
           || std::any_of(drains_.begin(), drains_.end(), is);
  };
  for (const auto id : there.others)
    if (!noted(id))
      refuse(id, failure_of(errc::restarted));
  if (!serving())
    refuse_all(refusal(), closed_ || !drains_.empty() ? event_reason::pool_closed
                                                      : event_reason::connection_error);
}

void pool::give_lost_orders(const roll& there) {
  for (const auto& [id, e] : connections_.entries()) {
    if (e.state == connection_state::pending && !there.ordered.contains(id))
      out_->emplace_back(open_connection{id});
    if (e.state == connection_state::checking && !there.pinging.contains(id))
      out_->emplace_back(ping_connection{id});
  }
  if (there.words_may_be_lost && !ready_ && !closed_)
    out_->emplace_back(seek_server{std::nullopt});
}

} // namespace moor::machines
