// Other settings come into force while the pool is in use, and what was made by others is replaced.
#include <algorithm>
#include <string>
#include <utility>

#include "moor/machines/pool.hpp"

namespace moor::machines {

void pool::reconfigure(const settings& config, bool rotated, instant now, pool_effects& out) {
  now_ = now;
  out_ = &out;
  config_ = config;
  connections_.reconfigure(config);
  reserve_ = reserve_of(config);
  delay_.reconfigure(config.shedding, now);
  saturation_.reconfigure(config.saturation_threshold);
  if (rotated) {
    connections_.outdate_all(now + config.rotation_period);
    rotating_ = true;
    population_rests_ = false; // the server was seen
  }
  end_overdue();
  shed_overdue();
  refuse_unreachable_warms();
  close_surplus();
  dispatch();
  pass_time(); // the queue may be long enough now to be shed from
}

// -- a smaller maximum ----------------------------------------------------------------------------

void pool::close_surplus() {
  auto idle = connections_.in_state(connection_state::available);
  std::stable_partition(idle.begin(), idle.end(),
                        [this](connection_id id) { return connections_.find(id)->outdated; });
  for (auto next = idle.begin(); has_surplus() && next != idle.end(); ++next)
    close_entry(*next, event_reason::surplus);
  const auto pending = connections_.in_state(connection_state::pending);
  for (auto next = pending.rbegin(); has_surplus() && next != pending.rend(); ++next) {
    waiting_.drop_attempt(*next);
    out_->emplace_back(abandon_connection{*next});
    close_entry(*next, event_reason::surplus);
  }
}

/// Nobody need wait for his deadline to learn what is known now.
void pool::refuse_unreachable_warms() {
  const auto is_beyond = [this](const warm_request& w) { return w.count > config_.max_pool_size; };
  for (const auto& w : warms_)
    if (is_beyond(w))
      refuse(w.request, {errc::invalid_argument, spoils::nothing, 0,
                         "warm: count is " + std::to_string(w.count)
                           + ", the maximum pool size was lowered to "
                           + std::to_string(config_.max_pool_size)});
  std::erase_if(warms_, is_beyond);
}

// -- rotation -------------------------------------------------------------------------------------

std::vector<connection_id> pool::outdated_available() const {
  auto idle = connections_.in_state(connection_state::available);
  std::erase_if(idle, [this](connection_id id) { return !connections_.entries().at(id).outdated; });
  return idle;
}

std::uint64_t pool::replacements_coming() const {
  const auto& all = connections_.entries();
  const auto found = std::count_if(all.begin(), all.end(), [this](const auto& entry) {
    const auto& e = entry.second;
    return e.state == connection_state::pending && !e.outdated && e.generation == generation_;
  });
  return static_cast<std::uint64_t>(found);
}

/// What comes first, the new connection or the end of the old one, is a matter of room. Before who
/// waits is served: under load nothing would ever be left to be replaced.
void pool::replace_outdated() {
  rotating_ = rotating_ && connections_.has_outdated();
  if (!rotating_ || population_rests_)
    return;
  const auto old = outdated_available();
  auto next = old.begin();
  auto coming = replacements_coming();
  const auto old_left = [&] { return static_cast<std::uint64_t>(old.end() - next); };
  while (old_left() > coming && coming + closing_.size() < config_.max_connecting) {
    if (is_full()) {
      close_entry(*next++, event_reason::rotated);
    } else if (connections_.count(connection_state::pending) < config_.max_connecting) {
      create();
      ++coming;
    } else {
      return;
    }
  }
}

/// A new connection stands: an old one goes.
void pool::close_replaced() {
  if (!rotating_)
    return;
  if (const auto old = outdated_available(); !old.empty())
    close_entry(old.front(), event_reason::rotated);
}

} // namespace moor::machines
