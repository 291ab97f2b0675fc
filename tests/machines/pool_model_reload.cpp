// How the model judges what a pool does when other settings come into force.
#include "machines/pool_model.hpp"

#include <algorithm>

namespace moor::test {

instant pool_model::end_of(const known_connection& c) const {
  if (config_.max_lifetime == duration::zero())
    return no_deadline;
  const auto lifetime = static_cast<double>(config_.max_lifetime.count());
  const auto shortened = lifetime * (1.0 - config_.max_lifetime_jitter * c.draw);
  return c.ready_at + duration{static_cast<duration::rep>(shortened)};
}

void pool_model::follow(const pool_input& in) {
  const auto& rules = in.config.shedding;
  if (rules.queue_target != config_.shedding.queue_target
      || rules.queue_interval != config_.shedding.queue_interval)
    in_time_ = now_;
  config_ = in.config;
  for (auto& [id, c] : connections_)
    if (c.at != place::created && c.at != place::dialled)
      c.expires = end_of(c);
  const auto leave = [](std::uint64_t& most, std::uint64_t there, std::uint64_t limit) {
    most = std::max(there, limit);
  };
  leave(most_connections_, connections_.size() + closing_.size(), config_.max_pool_size);
  leave(most_dials_, dialled(), config_.max_connecting);
  leave(most_wishes_, wishes_.size(), config_.wait_queue_limit);
  leave(most_warms_, warms_.size(), config_.wait_queue_limit);
  leave(most_drains_, drains_.size(), config_.wait_queue_limit);
  if (!in.rotated)
    return;
  rotation_ends_ = now_ + config_.rotation_period;
  population_rests_ = false;
  for (auto& [id, c] : connections_)
    c.outdated = true;
}

void pool_model::narrow_bounds() {
  const auto narrow = [](std::uint64_t& most, std::uint64_t there, std::uint64_t limit) {
    most = std::max(limit, std::min(most, there));
  };
  narrow(most_connections_, connections_.size() + closing_.size(), config_.max_pool_size);
  narrow(most_dials_, dialled(), config_.max_connecting);
  narrow(most_wishes_, wishes_.size(), config_.wait_queue_limit);
  narrow(most_warms_, warms_.size(), config_.wait_queue_limit);
  narrow(most_drains_, drains_.size(), config_.wait_queue_limit);
}

std::uint64_t pool_model::outdated_idle() const {
  const auto found = std::count_if(connections_.begin(), connections_.end(), [](const auto& c) {
    return c.second.at == place::idle && c.second.outdated;
  });
  return static_cast<std::uint64_t>(found);
}

std::uint64_t pool_model::replacements() const {
  const auto found = std::count_if(connections_.begin(), connections_.end(), [this](const auto& c) {
    const auto dials = c.second.at == place::created || c.second.at == place::dialled;
    return dials && !c.second.outdated && c.second.generation == generation_;
  });
  return static_cast<std::uint64_t>(found);
}

/// After its time, for a new one that has just been established, or, where there is no room for
/// that, a few at a time.
bool pool_model::may_replace(connection_id id) const {
  if (now_ >= rotation_ends_)
    return true;
  if (in_.kind == input_kind::established && in_.connection != id) {
    const auto arrived = connections_.find(in_.connection);
    if (arrived != connections_.end() && !arrived->second.outdated)
      return true;
  }
  return is_full() && serving() && replacements() + closing_.size() < config_.max_connecting;
}

/// What is outdated is being replaced, as fast as may be.
void pool_model::check_rotation() const {
  const auto idle = outdated_idle();
  if (idle == 0 || population_rests_)
    return;
  const auto under_way = replacements() + closing_.size();
  require(replacements() >= idle || under_way >= config_.max_connecting
            || dialled() >= config_.max_connecting,
          "kept what is outdated, and replaced nothing", idle);
}

} // namespace moor::test
