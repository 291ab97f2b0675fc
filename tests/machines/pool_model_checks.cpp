// What the model asks after each event: is anything left undone, is every figure right?
#include "machines/pool_model.hpp"

namespace moor::test {

void pool_model::after(const machines::pool& pool) {
  read_only_ = read_only_ && generation_ == next_generation_;
  generation_ = next_generation_;
  require(pool.read_only() == read_only_, "takes writes, or not, otherwise than told");
  check_state();
  check_orders_given();
  check_answers();
  check_bounds();
  check_connections();
  check_load();
  if (serving()) {
    check_progress();
    check_population();
    check_rotation();
  }
  narrow_bounds();
  check_stats(pool.stats());
  require(pool.next_deadline() == earliest_deadline(), "the next deadline is another");
}

void pool_model::check_state() const {
  require(in_.kind != input_kind::ready || ready_ || closed_ || generation_ != generation_before_,
          "not ready when it should be");
  require(in_.kind != input_kind::close || closed_, "not closed when it should be");
  require(generation_ == generation_before_ || !ready_, "not paused when cleared");
  require(late_arrival_ == 0, "stranded a connection nobody wanted any more", late_arrival_);
}

void pool_model::check_orders_given() const {
  require(expected_.closed == 0, "closed in the books alone", expected_.closed);
  require(!expected_.granted, "lent in the books alone");
  require(expected_.refused == 0, "refused in the books alone", expected_.refused);
  require(!expected_.seek_server, "cleared, and nobody looks for the server");
}

void pool_model::check_answers() const {
  require(earliest_deadline() > now_, "an answer is overdue");
  require(drains_.empty() || !leases_.empty(), "drained and not reported");
  for (const auto& [id, w] : wishes_)
    require(!is_for_primary(w), "waits for a primary where there is none", id);
  require(serving() || (wishes_.empty() && warms_.empty()),
          "kept waiting by a pool that does not serve", first_in_line());
}

void pool_model::check_bounds() const {
  require(connections_.size() + closing_.size() <= most_connections_,
          "more connections than the maximum", connections_.size() + closing_.size());
  require(dialled() <= most_dials_, "more dials than max connecting", dialled());
  require(wishes_.size() <= most_wishes_, "more requests waiting than the limit", wishes_.size());
  require(warms_.size() <= most_warms_, "more warm requests than the limit", warms_.size());
  require(drains_.size() <= most_drains_, "more drains than the limit", drains_.size());
}

void pool_model::check_connections() const {
  const auto interrupted = in_.kind == input_kind::clear && in_.interrupt && !closed_;
  for (const auto& [id, c] : connections_) {
    require(!c.doomed, "kept a connection that had to be closed", id);
    require(c.at != place::created, "created and not dialled", id);
    if (c.at == place::idle)
      require(c.generation == generation_ && !closed_, "kept an idle connection of no use", id);
    if (c.at == place::idle || c.at == place::dialled)
      require(!has_surplus(), "kept more than the maximum beside those in use", id);
    if (c.at == place::dialled)
      require(!closed_, "kept a dial that nobody makes", id);
    if (interrupted)
      require(c.generation == generation_, "not interrupted", id);
    if (in_.kind == input_kind::run_background && c.at == place::idle) {
      require(is_sound(c), "the background run kept what perished", id);
      require(config_.keepalive == duration::zero() || now_ - c.proven_at < config_.keepalive,
              "the background run forgot a keepalive ping", id);
    }
  }
}

/// Nobody waits for what the pool could do now.
void pool_model::check_progress() const {
  for (const auto& [id, w] : warms_)
    require(w.count > connections_.size() - dialled(), "warm, and not reported", id);
  if (wishes_.empty())
    return;
  const auto kept = is_kept_from(wishes_.at(first_in_line()).level, degradation_);
  for (const auto& [id, c] : connections_)
    if (c.at == place::idle && !kept)
      require(!is_fresh(c) && count(place::pinged, generation_) >= wishes_.size(),
              "kept waiting beside an idle connection", id);
  const auto full = is_full() || dialled() >= config_.max_connecting;
  require(full || coming() >= wishes_.size(), "kept waiting with room for a dial", first_in_line());
}

void pool_model::check_population() const {
  require(population_rests_ || connections_.size() >= wanted() || is_full()
            || dialled() >= config_.max_connecting,
          "fewer connections than wanted", connections_.size());
}

void pool_model::check_stats(const pool_stats& s) const {
  const auto& t = totals_;
  const auto expected_phase = closed_            ? pool_phase::closed
                              : !drains_.empty() ? pool_phase::draining
                              : ready_           ? pool_phase::ready
                                                 : pool_phase::paused;
  require(s.phase == expected_phase, "another phase", static_cast<std::uint64_t>(s.phase));
  require(s.generation == generation_, "another generation", s.generation);
  require(s.total == connections_.size() && s.pending == dialled(), "miscounted", s.total);
  require(s.available == count(place::idle), "miscounted available", s.available);
  require(s.checking == count(place::pinged), "miscounted checking", s.checking);
  require(s.closing == closing_.size(), "miscounted closing", s.closing);
  require(s.in_use == count(place::lent), "miscounted in use", s.in_use);
  require(s.out == leases_.size() && s.out == s.in_use, "miscounted leases", s.out);
  require(s.waiting == wishes_.size(), "miscounted waiting", s.waiting);
  require(s.granted == t.granted && s.returned == t.returned && s.revoked == t.revoked,
          "miscounted leases that began and ended", s.granted);
  require(s.granted == s.returned + s.revoked + s.out, "something was lost", s.granted);
  require(s.timed_out == t.timed_out && s.refused == t.refused, "miscounted refusals", s.refused);
  require(s.shed == t.shed && s.shed_overload == t.shed_overload
            && s.shed_degraded == t.shed_degraded && s.shed <= s.refused,
          "miscounted what was shed", s.shed);
  require(s.degradation == degradation_, "degraded otherwise than told");
  require(s.errors == t.errors, "miscounted errors", s.errors);
  require(started_ == t.granted + failed_ + wishes_.size(), "a check-out has no end", started_);
}

void pool_model::require_nothing_left() const {
  require(closed_, "not closed");
  require(connections_.empty(), "a connection is left",
          connections_.empty() ? 0 : connections_.begin()->first);
  require(closing_.empty(), "a connection never closed", closing_.size());
  require(leases_.empty(), "a lease is left", leases_.size());
  require(wishes_.empty() && warms_.empty() && drains_.empty(), "an answer is owed");
}

} // namespace moor::test
