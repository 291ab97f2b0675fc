#include "moor/actors/job_desk.hpp"

#include <algorithm>

namespace moor::actors {

void job_desk::open(lease_id lease, connection_id connection,
                    const std::shared_ptr<lease_control>& holder) {
  auto& e = entries_[lease];
  e.connection = connection;
  e.holder = holder;
  e.held = holder != nullptr;
}

void job_desk::add(lease_id lease, task t) {
  auto& e = entries_.at(lease);
  if (e.queued.size() >= queue_limit) {
    t.answer.refuse(make_error(errc::queue_full, "The lease has " + std::to_string(queue_limit)
                                                   + " tasks queued already"));
    return;
  }
  const auto number = ++last_number_;
  lease_of_.emplace(number, lease);
  overdue_.set(number, t.deadline);
  e.queued.push_back({number, std::move(t)});
}

std::optional<std::pair<connection_id, job>> job_desk::next(lease_id lease) {
  const auto found = entries_.find(lease);
  if (found == entries_.end() || found->second.running || found->second.queued.empty())
    return std::nullopt;
  auto& e = found->second;
  auto first = std::move(e.queued.front());
  e.queued.pop_front();
  e.running = first.number;
  e.running_answer = std::move(first.work.answer);
  return std::pair{e.connection, job{lease, first.number, std::move(first.work.what)}};
}

void job_desk::done(job_done result) {
  overdue_.remove(result.number);
  lease_of_.erase(result.number);
  const auto found = entries_.find(result.lease);
  if (found == entries_.end() || found->second.running != result.number)
    return;
  auto& e = found->second;
  e.running.reset();
  note(e, std::move(result.spoilt_by));
  std::visit(
    [&](auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, failure>)
        e.running_answer.refuse(make_error(value));
      else
        e.running_answer.answer(std::move(value));
    },
    result.result);
}

void job_desk::let_go(lease_id lease, std::optional<failure> why) {
  const auto found = entries_.find(lease);
  if (found == entries_.end())
    return;
  found->second.held = false;
  note(found->second, std::move(why));
}

std::optional<job_desk::ending> job_desk::end_if_idle(lease_id lease) {
  const auto found = entries_.find(lease);
  if (found == entries_.end())
    return std::nullopt;
  auto& e = found->second;
  if (e.held || e.running || !e.queued.empty())
    return std::nullopt;
  ending how{std::move(e.why)};
  entries_.erase(found);
  return how;
}

void job_desk::cut(lease_id lease, const failure& why) {
  const auto found = entries_.find(lease);
  if (found == entries_.end())
    return;
  auto& e = found->second;
  if (const auto holder = e.holder.lock())
    holder->revoke();
  e.running_answer.refuse(make_error(why));
  const auto forget = [this](std::uint64_t number) {
    overdue_.remove(number);
    lease_of_.erase(number);
  };
  if (e.running)
    forget(*e.running);
  for (auto& q : e.queued) {
    q.work.answer.refuse(make_error(why));
    forget(q.number);
  }
  entries_.erase(found);
}

std::optional<job_desk::overrun> job_desk::take_overdue(instant now) {
  const auto number = overdue_.take_over(now);
  if (number == 0)
    return std::nullopt;
  const auto of = lease_of_.find(number);
  auto& e = entries_.at(of->second);
  if (e.running == number) {
    // The job itself ends later, with the interrupt's error; its number stays known until then.
    e.running_answer.refuse(make_error(errc::operation_timeout));
    return overrun{e.connection};
  }
  lease_of_.erase(of);
  const auto at = std::find_if(e.queued.begin(), e.queued.end(),
                               [&](const auto& q) { return q.number == number; });
  at->work.answer.refuse(make_error(errc::operation_timeout));
  e.queued.erase(at);
  return overrun{};
}

void job_desk::note(entry& e, std::optional<failure> why) {
  if (why && (!e.why || why->reach > e.why->reach))
    e.why = std::move(why);
}

} // namespace moor::actors
