// How the model judges whom a pool gives up, what it keeps for critical requests, and what it says
// about its load.
#include "machines/pool_model.hpp"

#include <algorithm>

namespace moor::test {

std::uint64_t pool_model::wishes_of(priority level) const {
  const auto found = std::count_if(wishes_.begin(), wishes_.end(),
                                   [=](const auto& w) { return w.second.level == level; });
  return static_cast<std::uint64_t>(found);
}

// -- by waiting time ------------------------------------------------------------------------------

bool pool_model::is_overloaded() const {
  return config_.shedding.queue_target > duration::zero()
         && now_ - in_time_ >= config_.shedding.queue_interval;
}

/// When it has waited too long, with all that waits now still waiting.
instant pool_model::sheds_at(const wish& w) const {
  const auto& rules = config_.shedding;
  const auto crowded = wishes_.size() > config_.max_pool_size;
  if (rules.queue_target == duration::zero() || w.level == priority::critical || !crowded)
    return no_deadline;
  const auto limit = rules.queue_target * (w.level == priority::background ? 1 : 2);
  return std::max(in_time_ + rules.queue_interval, w.since + limit + duration{1});
}

instant pool_model::next_shedding() const {
  auto next = no_deadline;
  for (const auto& [id, w] : wishes_)
    next = std::min(next, sheds_at(w));
  return next;
}

// -- by degradation -------------------------------------------------------------------------------

bool pool_model::is_refused_while_degraded(const wish& w) const {
  if (degradation_ == degradation::none)
    return false;
  const auto is_new = in_.kind == input_kind::check_out && wishes_.contains(in_.request)
                      && &wishes_.at(in_.request) == &w;
  const auto share = config_.shedding.degraded_queue_share;
  const auto most = share * static_cast<double>(config_.wait_queue_limit);
  const auto others = wishes_.size() - 1;
  return w.level == priority::background
         || (w.level == priority::normal && is_new && others >= 1
             && static_cast<double>(others) + 1 > most);
}

bool pool_model::is_kept_from(priority level, degradation at) const {
  const auto needed
    = at == degradation::degraded || (is_overloaded() && wishes_.size() > config_.max_pool_size);
  const auto share = config_.shedding.critical_reserve * static_cast<double>(config_.max_pool_size);
  const auto others = leases_.size() - critical_leases_.size();
  return needed && critical_seen_ && level != priority::critical
         && static_cast<double>(others) > static_cast<double>(config_.max_pool_size) - share - 1e-6
         && share >= 1 - 1e-6;
}

void pool_model::count_shed(const machines::refuse& e) {
  const auto by_waiting = e.why.text.starts_with("CoDel: waited ");
  const auto by_level = e.why.text.starts_with("degraded: ");
  require(by_waiting != by_level, "shed by no rule", e.request);
  require(by_waiting ? expected_.waited_too_long : expected_.degraded, "shed by the wrong rule",
          e.request);
  require((e.why.retry_after > duration::zero()) == by_waiting, "when to ask again", e.request);
  ++totals_.shed;
  ++(by_waiting ? totals_.shed_overload : totals_.shed_degraded);
}

// -- saturation -----------------------------------------------------------------------------------

instant pool_model::oldest_wish() const {
  auto oldest = no_deadline;
  for (const auto& [id, w] : wishes_)
    oldest = std::min(oldest, w.since);
  return oldest;
}

bool pool_model::is_exhausted() const {
  if (wishes_.empty() || !is_full())
    return false;
  return count(place::lent) == connections_.size() || has_surplus()
         || is_kept_from(wishes_.at(first_in_line()).level, degradation_);
}

instant pool_model::next_saturation() const {
  const auto may_begin
    = config_.saturation_threshold > duration::zero() && !saturated_since_ && is_exhausted();
  return may_begin ? oldest_wish() + config_.saturation_threshold + duration{1} : no_deadline;
}

void pool_model::on(const machines::saturated& e) {
  require(!saturated_since_, "saturated twice");
  require(is_exhausted() || exhausted_before_, "saturated with connections to be had");
  require(e.waiting == wishes_.size() && e.waiting > 0, "saturated, with nobody waiting",
          e.waiting);
  require(e.oldest == now_ - oldest_wish() && e.oldest > config_.saturation_threshold,
          "saturated before its time", e.waiting);
  require(e.in_use <= most_connections_, "more in use than there are", e.in_use);
  saturated_since_ = now_;
}

void pool_model::on(const machines::relieved& e) {
  require(saturated_since_.has_value() && wishes_.empty(), "relieved while somebody waits");
  require(e.lasted == now_ - *saturated_since_ && e.most_waiting > 0, "relieved of another load");
  saturated_since_.reset();
}

void pool_model::check_load() const {
  require(!saturated_since_ || !wishes_.empty(), "saturated, though nobody waits");
  require(degradation_ == degradation::none || wishes_of(priority::background) == 0,
          "kept a background request waiting while degraded");
}

} // namespace moor::test
