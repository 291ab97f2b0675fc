#include "moor/actors/job_desk.hpp"

#include <algorithm>
#include <chrono>

namespace moor::actors {

namespace {

/// What is to be done; it stays in the task only if it may be done again. What cannot be copied is
/// done once.
work_item work_of(task& t) {
  if (options_of(*t.what).retry.attempts > 1) {
    try {
      return *t.what;
    } catch (...) { // whatever the copy of something that the function captured throws
    }
  }
  const auto once = std::move(t.what);
  return std::move(*once);
}

} // namespace

void job_desk::open(lease_id lease, connection_id connection,
                    const std::shared_ptr<lease_control>& holder, std::string operation) {
  auto& e = entries_[lease];
  e.connection = connection;
  e.operation = std::move(operation);
  e.holder = holder;
  e.held = holder != nullptr;
}

void job_desk::add(lease_id lease, request_id number, task t) {
  auto& e = entries_.at(lease);
  if (e.queued.size() >= queue_limit) {
    t.answer.refuse(make_error(errc::queue_full, "The lease has " + std::to_string(queue_limit)
                                                   + " tasks queued already"),
                    context_());
    return;
  }
  askers_.add(number, t.answer.asker());
  lease_of_.emplace(number, lease);
  overdue_.set(number, t.deadline);
  e.queued.push_back({number, std::move(t)});
}

std::optional<std::pair<connection_id, job>> job_desk::next(lease_id lease, instant now) {
  const auto found = entries_.find(lease);
  if (found == entries_.end() || found->second.running || found->second.queued.empty())
    return std::nullopt;
  auto& e = found->second;
  const auto holder = e.holder.lock();
  // Its last copy is going away on the borrower's thread and may be looking at the connection. What
  // it says to the pool after that is the sign to go on.
  if (e.held && !holder)
    return std::nullopt;
  auto first = std::move(e.queued.front());
  e.queued.pop_front();
  e.running = first.number;
  e.at_work = std::move(first.work);
  e.borrower = borrower_of(*e.at_work.what); // before the work leaves the task
  e.began = now;
  e.use = std::holds_alternative<run>(*e.at_work.what) ? lease_use::run : lease_use::command;
  if (holder)
    holder->set_busy(true);
  return std::pair{e.connection, job{lease, first.number, work_of(e.at_work)}};
}

void job_desk::done(job_done result) {
  const auto found = entries_.find(result.lease);
  if (found == entries_.end() || found->second.running != result.number)
    return;
  auto& e = found->second;
  e.running.reset();
  if (const auto holder = e.holder.lock())
    holder->set_busy(false);
  note(e, std::move(result.spoilt_by));
  const auto* failed = std::get_if<failure>(&result.result);
  e.outcome = failed != nullptr && !e.holder.lock() ? std::optional{*failed} : std::nullopt;
  auto ended = std::exchange(e.at_work, {});
  forget(result.number);
  std::visit(
    [&](auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, failure>) {
        fail(result.number, ended, std::move(value));
      } else {
        askers_.remove(result.number, ended.answer.asker());
        ended.what.reset(); // what the function captured is gone before its borrower is answered
        ended.answer.answer(std::move(value), context_());
      }
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
  ending how{std::move(e.why), std::move(e.outcome)};
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
  auto ended = std::move(e);
  entries_.erase(found);
  if (ended.running) {
    forget(*ended.running);
    fail(*ended.running, ended.at_work, why);
  }
  for (auto& q : ended.queued) {
    forget(q.number);
    fail(q.number, q.work, why);
  }
}

void job_desk::cut_all(const failure& why) {
  while (!entries_.empty())
    cut(entries_.begin()->first, why);
}

std::optional<job_desk::ended_early> job_desk::take_overdue(instant now) {
  const auto number = overdue_.take_over(now);
  if (number == 0)
    return std::nullopt;
  return end_early(number, errc::operation_timeout, cause_of_lateness(number, now));
}

std::optional<job_desk::ended_early> job_desk::withdraw(request_id number) {
  if (!lease_of_.contains(number))
    return std::nullopt;
  return end_early(number, errc::stopped, errc::stopped);
}

/// A server is slow if it had most of the task's time. If the wait for a connection had it, the
/// pool is too small for its load, and the server does not deserve that its circuit breaker opens.
errc job_desk::cause_of_lateness(request_id number, instant now) const {
  const auto& e = entries_.at(lease_of_.at(number));
  return e.running == number && e.at_work.waited > now - e.began ? errc::wait_queue_timeout
                                                                 : errc::operation_timeout;
}

job_desk::ended_early job_desk::end_early(request_id number, errc with, errc cause) {
  const auto why = make_error(with);
  auto& e = entries_.at(lease_of_.at(number));
  overdue_.remove(number);
  if (e.running == number) {
    // The work itself ends later; its number stays known until then. It may have ended well and be
    // on its way here: its connection is cut all the same.
    answer(number, e.at_work.answer, why);
    e.at_work = {};
    note(e, failure{cause, spoils::connection, 0,
                    "The connection was cut because its operation was given up"});
    return {e.connection};
  }
  const auto at = std::find_if(e.queued.begin(), e.queued.end(),
                               [&](const auto& q) { return q.number == number; });
  answer(number, at->work.answer, why);
  e.queued.erase(at);
  forget(number);
  return {};
}

std::unordered_map<lease_id, connection_id> job_desk::leases() const {
  std::unordered_map<lease_id, connection_id> all;
  for (const auto& [lease, e] : entries_)
    all.emplace(lease, e.connection);
  return all;
}

holders job_desk::operations() const {
  holders all;
  for (const auto& [lease, e] : entries_)
    ++all[e.operation];
  return all;
}

std::vector<lease_record> job_desk::work(instant now) const {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  std::vector<lease_record> all;
  for (const auto& [lease, e] : entries_) {
    if (e.held || !e.running)
      continue;
    const auto& asker = e.at_work.answer.asker();
    const auto began
      = std::chrono::duration_cast<std::chrono::milliseconds>(wall - (now - e.began));
    all.push_back({.lease = lease,
                   .connection = e.connection,
                   .use = e.use,
                   .operation = e.operation,
                   .borrower = asker ? asker->id() : 0,
                   .borrower_name = e.borrower,
                   .held = now - e.began,
                   .since_unix_ms = began.count()});
  }
  return all;
}

void job_desk::watch_askers() {
  for (const auto& [lease, e] : entries_) {
    if (e.running)
      askers_.add(*e.running, e.at_work.answer.asker());
    for (const auto& q : e.queued)
      askers_.add(q.number, q.work.answer.asker());
  }
}

bool job_desk::works_on(connection_id connection) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& e) {
    return e.second.connection == connection && e.second.running;
  });
}

void job_desk::answer(request_id number, ticket& to, caf::error why) {
  askers_.remove(number, to.asker());
  to.refuse(std::move(why), context_());
}

void job_desk::fail(request_id number, task& t, failure why) {
  if (again_(number, t, why))
    return;
  t.what.reset();
  answer(number, t.answer, make_error(why));
}

void job_desk::forget(request_id number) {
  overdue_.remove(number);
  lease_of_.erase(number);
}

void job_desk::note(entry& e, std::optional<failure> why) {
  if (why && (!e.why || why->reach > e.why->reach))
    e.why = std::move(why);
}

} // namespace moor::actors
