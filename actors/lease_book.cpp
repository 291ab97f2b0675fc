#include "moor/actors/lease_book.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>

#include "moor/actors/stack_trace.hpp"
#include "moor/messages/requests.hpp"

namespace moor::actors {

namespace {

std::int64_t unix_ms_before(duration ago) {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch() - ago).count();
}

template <class T>
void push_bounded(std::deque<T>& to, T what) {
  if (to.size() == lease_book::most_remembered)
    to.pop_front();
  to.push_back(std::move(what));
}

} // namespace

void lease_book::begin(lease_id lease, connection_id connection, std::string operation,
                       lease_terms terms, const caf::strong_actor_ptr& borrower,
                       duration pools_threshold, instant now) {
  auto& e = entries_[lease];
  e.connection = connection;
  e.operation = std::move(operation);
  e.terms = std::move(terms);
  e.borrower = caf::actor_cast<caf::weak_actor_ptr>(borrower);
  e.borrower_id = borrower ? borrower->id() : 0;
  e.since = now;
  e.threshold = e.terms.leak_after > duration::zero() ? e.terms.leak_after : pools_threshold;
}

void lease_book::end(lease_id lease, instant now) {
  const auto node = entries_.extract(lease);
  if (node.empty())
    return;
  const auto& e = node.mapped();
  if (e.terms.dedicated || e.threshold == duration::zero() || now - e.since <= e.threshold)
    return;
  ++late_total_;
  push_bounded(late_, leak{record_of(lease, e, now), revoked(lease) != nullptr
                                                       ? leak_outcome::revoked
                                                       : leak_outcome::returned_late});
}

void lease_book::extend(lease_id lease, duration by, instant now) {
  const auto found = entries_.find(lease);
  if (found == entries_.end() || by <= duration::zero())
    return;
  auto& e = found->second;
  e.extended = std::max(e.extended, now - e.since + std::min(by, longest_timeout));
}

bool lease_book::is_overdue(lease_id lease, instant now) const {
  const auto found = entries_.find(lease);
  if (found == entries_.end())
    return false;
  const auto& e = found->second;
  return !e.terms.dedicated && e.threshold > duration::zero()
         && now - e.since > std::max(e.threshold, e.extended);
}

void lease_book::note_revoked(lease_id lease, std::string why) {
  push_bounded(revoked_, {lease, std::move(why)});
}

const std::string* lease_book::revoked(lease_id lease) const {
  const auto found = std::find_if(revoked_.begin(), revoked_.end(),
                                  [&](const auto& r) { return r.first == lease; });
  return found == revoked_.end() ? nullptr : &found->second;
}

std::vector<lease_record> lease_book::out(instant now) const {
  std::vector<lease_record> all;
  all.reserve(entries_.size());
  for (const auto& [lease, e] : entries_)
    all.push_back(record_of(lease, e, now));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.lease < b.lease; });
  return all;
}

lease_roll lease_book::roll(std::uint64_t seen, instant now) const {
  lease_roll all{out(now), {}, late_total_};
  const auto fresh = late_total_ - std::min(seen, late_total_);
  const auto kept = std::min<std::uint64_t>(fresh, late_.size());
  all.ended.assign(late_.end() - static_cast<std::ptrdiff_t>(kept), late_.end());
  return all;
}

std::optional<lease_book::reminder> lease_book::remind(lease_id lease, duration answer_within,
                                                       instant now) const {
  const auto found = entries_.find(lease);
  if (found == entries_.end() || !found->second.terms.tell_when_overdue)
    return std::nullopt;
  const auto& e = found->second;
  auto borrower = caf::actor_cast<caf::strong_actor_ptr>(e.borrower);
  if (!borrower)
    return std::nullopt;
  return reminder{std::move(borrower), {lease, e.operation, now - e.since, answer_within}};
}

/// Put into words only for what is held for too long, since that costs milliseconds.
std::string lease_book::stack_of(const entry& e, duration held) {
  const auto overdue = e.threshold > duration::zero() && held > e.threshold;
  return overdue && e.terms.where.stack ? in_words(*e.terms.where.stack) : std::string{};
}

lease_record lease_book::record_of(lease_id lease, const entry& e, instant now) {
  const auto held = now - e.since;
  return {.lease = lease,
          .connection = e.connection,
          .use = lease_use::held,
          .dedicated = e.terms.dedicated,
          .operation = e.operation,
          .borrower = e.borrower_id,
          .borrower_name = e.terms.where.borrower,
          .held = held,
          .since_unix_ms = unix_ms_before(held),
          .threshold
          = e.threshold == duration::zero() ? e.threshold : std::max(e.threshold, e.extended),
          .asked_to_be_told = e.terms.tell_when_overdue,
          .where = to_string(e.terms.where),
          .stack = stack_of(e, held)};
}

} // namespace moor::actors
