#include "moor/machines/leak_ledger.hpp"

#include <algorithm>
#include <utility>

#include "moor/machines/health_words.hpp"

namespace moor::machines {

namespace {

bool is_overdue(const lease_record& lease) {
  return !lease.dedicated && lease.threshold > duration::zero() && lease.held > lease.threshold;
}

} // namespace

void leak_ledger::look(const std::vector<lease_record>& out, const std::vector<leak>& ended,
                       instant now, leak_effects& effects) {
  while (!revocations_.empty() && now - revocations_.front() >= config_.grace)
    revocations_.pop_front();
  for (const auto& one : ended)
    end(one, effects);
  report_leaks found;
  for (const auto& lease : out)
    judge(lease, now, found, effects);
  std::vector<lease_record> gone; // without being among those returned
  for (auto& [id, s] : suspects_)
    if (!std::exchange(s.seen, false))
      gone.push_back(s.latest);
  for (const auto& lease : gone)
    end({lease, leak_outcome::returned_late}, effects);
  if (!found.leases.empty())
    effects.emplace_back(std::move(found));
}

void leak_ledger::judge(const lease_record& lease, instant now, report_leaks& found,
                        leak_effects& effects) {
  const auto known = suspects_.find(lease.lease);
  if (!is_overdue(lease)) {
    if (known == suspects_.end())
      return;
    // It was extended: from its new threshold on everything begins anew, but it is reported only
    // once.
    known->second.seen = known->second.reported;
    known->second.warned.reset();
    known->second.due.reset();
    known->second.ordered = false;
    if (!known->second.seen)
      suspects_.erase(known);
    return;
  }
  auto& s = suspects_[lease.lease];
  s.latest = lease;
  s.seen = true;
  if (s.due)
    return revoke_if_due(s, now, effects);
  if (!may_report(s, now, effects))
    return;
  s.due = now;
  if (std::exchange(s.reported, true))
    return;
  ++totals_.suspected;
  keep(lease);
  found.leases.push_back(lease);
}

bool leak_ledger::may_report(suspect& s, instant now, leak_effects& effects) {
  if (!s.latest.asked_to_be_told)
    return true;
  if (s.warned)
    return now - *s.warned >= config_.grace;
  s.warned = now;
  ++totals_.told;
  effects.emplace_back(warn_borrower{s.latest.lease});
  return false;
}

void leak_ledger::revoke_if_due(suspect& s, instant now, leak_effects& effects) {
  if (config_.policy != leak_policy::revoke || s.ordered || now - *s.due < config_.grace
      || revocations_.size() >= config_.revoke_limit)
    return;
  s.ordered = true;
  revocations_.push_back(now);
  effects.emplace_back(revoke_leak{s.latest.lease, "The lease was revoked: held for "
                                                     + in_words(s.latest.held) + ", longer than "
                                                     + in_words(s.latest.threshold)});
}

void leak_ledger::end(const leak& ended, leak_effects& effects) {
  const auto id = ended.lease.lease;
  const auto node = suspects_.extract(id);
  if (node.empty() || !node.mapped().reported)
    return;
  ++(ended.outcome == leak_outcome::revoked ? totals_.revoked : totals_.returned_late);
  const auto kept = std::find_if(latest_.begin(), latest_.end(),
                                 [id](const leak& l) { return l.lease.lease == id; });
  if (kept != latest_.end())
    *kept = ended;
  effects.emplace_back(report_ended{ended.lease, ended.outcome});
}

void leak_ledger::keep(const lease_record& lease) {
  if (latest_.size() == most_latest)
    latest_.pop_front();
  latest_.push_back({lease, leak_outcome::out});
}

leaks_report leak_ledger::report() const {
  auto all = totals_;
  all.out_now = static_cast<std::uint64_t>(std::count_if(
    suspects_.begin(), suspects_.end(), [](const auto& s) { return s.second.reported; }));
  all.latest.assign(latest_.begin(), latest_.end());
  return all;
}

} // namespace moor::machines
