#include "machines/pool_model.hpp"

#include <algorithm>
#include <utility>

namespace moor::test {

void require(bool holds, const char* rule, std::uint64_t whom) {
  if (!holds)
    throw broken_rule(std::string{rule} + " (" + std::to_string(whom) + ")");
}

// -- the world ------------------------------------------------------------------------------------

bool pool_model::drain_is_due() const {
  return std::any_of(drains_.begin(), drains_.end(),
                     [this](const auto& d) { return d.second.deadline <= now_; });
}

std::uint64_t pool_model::count(place where) const {
  const auto found = std::count_if(connections_.begin(), connections_.end(),
                                   [=](const auto& c) { return c.second.at == where; });
  return static_cast<std::uint64_t>(found);
}

std::uint64_t pool_model::count(place where, std::uint64_t generation) const {
  const auto found = std::count_if(connections_.begin(), connections_.end(), [=](const auto& c) {
    return c.second.at == where && c.second.generation == generation;
  });
  return static_cast<std::uint64_t>(found);
}

std::uint64_t pool_model::coming() const {
  return count(place::dialled, generation_) + count(place::pinged, generation_);
}

std::uint64_t pool_model::wanted() const {
  std::uint64_t most = config_.min_pool_size;
  for (const auto& [id, w] : warms_)
    most = std::max(most, w.count);
  return std::min<std::uint64_t>(most, config_.max_pool_size);
}

bool pool_model::is_sound(const known_connection& c) const {
  const auto idles = config_.max_idle_time > duration::zero() && c.at == place::idle
                     && now_ - c.idle_since > config_.max_idle_time;
  const auto replaced = c.outdated && now_ >= rotation_ends_;
  return c.generation == generation_ && now_ < c.expires && !idles && !replaced;
}

bool pool_model::is_fresh(const known_connection& c) const {
  return now_ - c.proven_at <= config_.check_after_idle;
}

request_id pool_model::first_in_line() const {
  const auto first
    = std::min_element(wishes_.begin(), wishes_.end(), [](const auto& a, const auto& b) {
        return std::pair{a.second.level, a.first} < std::pair{b.second.level, b.first};
      });
  return first == wishes_.end() ? 0 : first->first;
}

instant pool_model::earliest_deadline() const {
  auto earliest = no_deadline;
  const auto look_at = [&](const auto& all) {
    for (const auto& [id, w] : all)
      earliest = std::min(earliest, w.deadline);
  };
  look_at(wishes_);
  look_at(warms_);
  look_at(drains_);
  return std::min({earliest, next_shedding(), next_saturation()});
}

// -- before ---------------------------------------------------------------------------------------

void pool_model::before(const pool_input& in) {
  in_ = in;
  now_ = in.now;
  last_before_ = last_connection_;
  generation_before_ = next_generation_ = generation_;
  rested_before_ = population_rests_;
  dial_failed_ = dial_blamed_ = time_took_ = false;
  dial_error_ = in.why ? in.why->code : errc::server_state_changed;
  exhausted_before_ = is_exhausted();
  degradation_before_ = degradation_;
  // A drain whose deadline is over ends the pool before anything else is looked at.
  const auto ends_first = drain_is_due();
  const auto open = !closed_ && !ends_first;
  const auto found = connections_.find(in.connection);
  const auto was_dialled = found != connections_.end() && found->second.at == place::dialled;
  const auto unwanted = found == connections_.end() || ends_first;
  late_arrival_ = in.kind == input_kind::established && unwanted ? in.connection : 0;

  switch (in.kind) {
    case input_kind::warm:
      warms_[in.request] = {in.count, in.deadline};
      population_rests_ = false;
      break;
    case input_kind::drain:
      drains_[in.request] = {in.deadline, ends_first ? 0 : leases_.size(), totals_.returned};
      break;
    case input_kind::clear: next_generation_ += open ? 1 : 0; break;
    case input_kind::check_in: {
      const auto held = leases_.find(in.lease);
      if (open && held != leases_.end() && in.why && in.why->reach == spoils::generation)
        next_generation_ += connections_.at(held->second).generation == generation_ ? 1 : 0;
      break;
    }
    case input_kind::establishing_failed:
      dial_failed_
        = open && was_dialled && found->second.generation == generation_ && !found->second.outdated;
      population_rests_ = population_rests_ || dial_failed_;
      next_generation_ += dial_failed_ && in.why->reach == spoils::generation ? 1 : 0;
      break;
    case input_kind::established:
      // Without a primary in a generation that began with one.
      dial_failed_ = open && was_dialled && in.read_only && !read_only_
                     && found->second.generation == generation_;
      population_rests_ = dial_failed_ || (population_rests_ && !was_dialled);
      next_generation_ += dial_failed_ ? 1 : 0;
      if (dial_failed_)
        late_arrival_ = in.connection;
      break;
    case input_kind::ready:
      next_generation_ += open && ready_ && in.read_only != read_only_ ? 1 : 0;
      break;
    case input_kind::check_passed:
      if (found != connections_.end() && found->second.at == place::pinged) {
        auto& c = found->second;
        c.doomed = closed_ || !is_sound(c) || has_surplus();
        c.at = place::idle;
        c.proven_at = now_;
      }
      break;
    case input_kind::closed: closing_.erase(in.connection); break;
    case input_kind::run_background: population_rests_ = false; break;
    case input_kind::set_degraded: degradation_ = in.level_of_service; break;
    case input_kind::reconfigure: follow(in); break;
    default: break;
  }
}

} // namespace moor::test
