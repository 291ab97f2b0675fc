// Whom the pool gives up so that others are served, and what it keeps for critical requests.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "moor/machines/pool.hpp"

namespace moor::machines {

namespace {

/// In the order in which they are shed; `critical` requests never are.
constexpr std::array sheddable{priority::background, priority::normal};

} // namespace

// -- by waiting time ------------------------------------------------------------------------------

bool pool::anybody_sheddable() const {
  return std::any_of(sheddable.begin(), sheddable.end(),
                     [this](priority p) { return waiting_.oldest(p) != nullptr; });
}

instant pool::sheds_at(const waiter& w) const {
  return delay_.sheds_at(w.level, w.since);
}

/// Nobody while no more wait than there are connections: a queue that short is served within one
/// lease's time, and if that is long, then by the borrowers' own will. (RFC 8289 lets a queue of
/// one packet alone in the same way.)
const waiter* pool::next_to_shed() const {
  if (!delay_.enabled() || waiting_.size() <= config_.max_pool_size)
    return nullptr;
  const waiter* first = nullptr;
  for (const auto level : sheddable)
    if (const auto* w = waiting_.oldest(level))
      if (first == nullptr || sheds_at(*w) < sheds_at(*first))
        first = w;
  return first;
}

void pool::shed_overdue() {
  for (const auto* w = next_to_shed(); w != nullptr && sheds_at(*w) <= now_; w = next_to_shed()) {
    const auto taken = *waiting_.take(w->request);
    shed(taken, delay_.refusal(taken.level, now_ - taken.since), totals_.shed_overload);
  }
}

void pool::shed(const waiter& w, failure why, std::uint64_t& by_rule) {
  ++totals_.shed;
  ++by_rule;
  refuse(w, std::move(why), event_reason::shed);
}

// -- by degradation -------------------------------------------------------------------------------

void pool::set_degraded(degradation level, instant now, pool_effects& out) {
  begin(now, out);
  if (level == degradation_)
    return;
  degradation_ = level;
  if (const auto why = refusal_while_degraded(priority::background))
    while (const auto* w = waiting_.oldest(priority::background))
      shed(*waiting_.take(w->request), *why, totals_.shed_degraded);
  dispatch();
}

std::optional<failure> pool::refusal_while_degraded(priority level) const {
  if (degradation_ == degradation::none || level == priority::critical)
    return std::nullopt;
  if (level == priority::background)
    return failure_of(errc::shed, "degraded: background requests are shed");
  const auto share = config_.shedding.degraded_queue_share;
  const auto most = std::max<std::uint64_t>(
    1, static_cast<std::uint64_t>(share * static_cast<double>(config_.wait_queue_limit)));
  if (waiting_.size() < most)
    return std::nullopt;
  return failure_of(errc::shed, "degraded: normal requests are shed while " + std::to_string(most)
                                  + " or more requests wait");
}

/// The reserve bounds what others hold together, so that critical requests have at least as much,
/// and what they hold already counts.
bool pool::is_kept_from(const waiter& w) const {
  if (w.level == priority::critical || !critical_seen_ || reserve_ == 0)
    return false;
  const auto overloaded = waiting_.size() > config_.max_pool_size && delay_.overloaded(now_);
  if (degradation_ == degradation::none && !overloaded)
    return false;
  return leases_.size() - critical_leases_.size() >= config_.max_pool_size - reserve_;
}

// -- saturation -----------------------------------------------------------------------------------

load pool::current_load() const {
  load result{waiting_.size(), no_deadline, connections_.count(connection_state::in_use), false};
  if (waiting_.empty())
    return result;
  for (const auto level : {priority::critical, priority::normal, priority::background})
    if (const auto* w = waiting_.oldest(level))
      result.oldest = std::min(result.oldest, w->since);
  const auto others = connections_.total() - result.in_use;
  result.exhausted = is_full() && (others == 0 || has_surplus() || is_kept_from(waiting_.front()));
  return result;
}

void pool::watch_load() {
  const auto is = current_load();
  if (const auto news = saturation_.begins(is, now_))
    out_->emplace_back(*news);
  if (const auto news = saturation_.ends(is, now_))
    out_->emplace_back(*news);
}

} // namespace moor::machines
