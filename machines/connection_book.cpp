#include "moor/machines/connection_book.hpp"

#include <algorithm>

namespace moor::machines {

connection_entry& connection_book::add(std::uint64_t generation, instant now) {
  const auto id = ++last_;
  auto& e = entries_[id];
  e.id = id;
  e.generation = generation;
  e.created = now;
  ++counter(connection_state::pending);
  return e;
}

connection_entry* connection_book::find(connection_id id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void connection_book::begin_life(connection_entry& e, double draw, instant now) const {
  e.idle_since = now;
  e.proven_at = now;
  e.life_began = now;
  e.draw = draw;
  e.expires = end_of_life(e);
}

instant connection_book::end_of_life(const connection_entry& e) const {
  if (config_.max_lifetime == duration::zero())
    return no_deadline;
  const auto span = static_cast<double>(config_.max_lifetime.count())
                    * (1.0 - config_.max_lifetime_jitter * e.draw);
  return e.life_began + duration{static_cast<duration::rep>(span)};
}

void connection_book::reconfigure(const settings& config) {
  config_ = config;
  for (auto& [id, e] : entries_)
    if (e.state != connection_state::pending)
      e.expires = end_of_life(e);
}

void connection_book::outdate_all(instant end) {
  rotation_ends_ = end;
  for (auto& [id, e] : entries_)
    e.outdated = true;
}

bool connection_book::has_outdated() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& e) { return e.second.outdated; });
}

void connection_book::make_available(connection_entry& e) {
  leave_state(e);
  e.state = connection_state::available;
  e.lease = 0;
  ++counter(e.state);
  available_.push_back(e.id);
}

connection_entry* connection_book::newest_available() {
  return available_.empty() ? nullptr : find(available_.back());
}

void connection_book::move_to(connection_entry& e, connection_state to) {
  leave_state(e);
  e.state = to;
  ++counter(to);
}

void connection_book::remove(connection_id id) {
  const auto found = entries_.find(id);
  leave_state(found->second);
  entries_.erase(found);
}

void connection_book::leave_state(const connection_entry& e) {
  --counter(e.state);
  if (e.state != connection_state::available)
    return;
  // Nearly always the last one: the newest is served first.
  const auto at = std::find(available_.rbegin(), available_.rend(), e.id);
  available_.erase(std::next(at).base());
}

void connection_book::mend() {
  counts_ = {};
  const auto is_available = [this](connection_id id) {
    const auto* e = find(id);
    return e != nullptr && e->state == connection_state::available;
  };
  std::vector<connection_id> ordered;
  for (const auto id : available_)
    if (is_available(id) && std::find(ordered.begin(), ordered.end(), id) == ordered.end())
      ordered.push_back(id);
  for (const auto& [id, e] : entries_) {
    ++counter(e.state);
    if (is_available(id) && std::find(ordered.begin(), ordered.end(), id) == ordered.end())
      ordered.insert(ordered.begin(), id);
  }
  available_ = std::move(ordered);
}

std::optional<event_reason> connection_book::perished(const connection_entry& e,
                                                      std::uint64_t generation, instant now) const {
  if (e.generation != generation)
    return event_reason::stale;
  if (now >= e.expires)
    return event_reason::lifetime;
  if (e.outdated && now >= rotation_ends_)
    return event_reason::rotated;
  if (e.state == connection_state::available && config_.max_idle_time > duration::zero()
      && now - e.idle_since > config_.max_idle_time)
    return event_reason::idle;
  return std::nullopt;
}

std::uint64_t connection_book::count(connection_state which, std::uint64_t generation) const {
  if (count(which) == 0)
    return 0;
  const auto found = std::count_if(entries_.begin(), entries_.end(), [&](const auto& e) {
    return e.second.state == which && e.second.generation == generation;
  });
  return static_cast<std::uint64_t>(found);
}

std::vector<connection_id> connection_book::in_state(connection_state which) const {
  if (which == connection_state::available)
    return available_;
  std::vector<connection_id> found;
  for (const auto& [id, e] : entries_)
    if (e.state == which)
      found.push_back(id);
  return found;
}

} // namespace moor::machines
