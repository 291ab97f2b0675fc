// What a pool's connections, its connector, its monitor and its supervisor tell it.
#include "moor/actors/pool_state.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace moor::actors {

void pool_state::on(job_done& message) {
  const auto lease = message.lease;
  jobs_.done(std::move(message));
  settle(lease);
  finish();
}

void pool_state::on(const check_done& message) {
  pinging_.erase(message.connection);
  if (message.why) {
    note(*message.why);
    machine_->check_failed(message.connection, *message.why, now(), effects_.out());
  } else {
    machine_->check_passed(message.connection, now(), effects_.out());
  }
  finish();
}

void pool_state::on(established& message) {
  counters_ = message.counters;
  ordered_.erase(message.connection);
  // Told twice, by a connector that died meanwhile, or to the one before this actor.
  if (links_.find(message.connection) != nullptr || !message.handle)
    return;
  monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(message.actor));
  // Nothing of it stays in the message, which may outlive the connection.
  links_.add(message.connection, {message.actor, std::move(message.handle), now()});
  observe(message.connection, *links_.find(message.connection));
  machine_->established(message.connection, draw(), message.read_only, now(), effects_.out());
  finish();
}

void pool_state::on(const establishing_failed& message) {
  counters_ = message.counters;
  ordered_.erase(message.connection);
  machine_->establishing_failed(message.connection, message.why, now(), effects_.out());
  finish();
}

void pool_state::on(const server_found& message) {
  counters_ = message.counters;
  if (message.again)
    gate_.end_wait(now(), breaker_changes_);
  machine_->ready(message.read_only, now(), effects_.out());
  finish();
}

void pool_state::on(const server_lost& message) {
  counters_ = message.counters;
  if (message.still) {
    machine_->still_lost(message.why);
    clear_cause_ = message.why.text;
    told_.reset(); // the monitor learns it, too
  } else {
    machine_->clear(false, message.why, now(), effects_.out());
  }
  finish();
}

void pool_state::on(const breaker_moved& message) {
  publish(breaker_scope::establishing, message.change);
  finish();
}

void pool_state::on(const slow_command& message) {
  say(log_level::warning, line_about(options_.config.name, message));
}

void pool_state::on(const use_connector& message) {
  connector_ = message.connector;
}

void pool_state::on(const use_monitor& message) {
  monitor_ = message.monitor;
  finish();
}

void pool_state::on(const report_to_monitor&) {
  told_.reset();
  finish();
}

void pool_state::on(const server_doubted& message) {
  // What was cleared since has left that server already; what is paused, the connector looks after.
  if (machine_->phase() != pool_phase::ready || machine_->stats().generation > message.generation)
    return;
  note(message.why);
  machine_->clear(false, message.why, now(), effects_.out());
  finish();
}

void pool_state::on(const health_note& message) {
  health_ = message;
  machine_->set_degraded(unwell() ? degradation::degraded : degradation::none, now(),
                         effects_.out());
  finish();
}

void pool_state::on(const reconfigure& message) {
  options_.config = *message.config;
  const auto& config = options_.config;
  box_->change_limit(config.wait_queue_limit);
  retries_.reconfigure(config.request_retry, config.wait_queue_limit);
  gate_.reconfigure(config.breaker, draw(), now(), breaker_changes_);
  const auto rotated = message.revision > revision_;
  revision_ = message.revision;
  machine_->reconfigure(config, rotated, now(), effects_.out());
  told_.reset(); // the monitor judges by the maximum
  finish();
}

std::optional<failure> pool_state::refusal_of_reload() const {
  switch (machine_->phase()) {
    case pool_phase::draining: return failure_of(errc::draining);
    case pool_phase::closed: return failure_of(errc::pool_closed);
    default: return std::nullopt;
  }
}

supervisor_actor pool_state::supervisor() const {
  return caf::actor_cast<supervisor_actor>(caf::actor_cast<caf::strong_actor_ptr>(supervisor_));
}

void pool_state::on(const part_restarted&) {
  ++restarts_;
}

void pool_state::on(const tick& message) {
  look_at_clock();
  if (!alarm_.rings(message))
    return;
  const auto at = now();
  while (const auto over = jobs_.take_overdue(at))
    interrupt(*over);
  while (auto due = retries_.take_due(at))
    begin_again(due->first, std::move(due->second));
  if (at >= next_background_) {
    next_background_ = at + options_.background_interval;
    machine_->run_background(at, effects_.out());
  }
  machine_->expire(at, effects_.out());
  gate_.timer(draw(), at, breaker_changes_);
  finish();
}

void pool_state::on_down(const caf::actor_addr& who) {
  look_at_clock();
  for (const auto request : borrowers_.take(who))
    withdraw(request);
  publisher_.remove(who);
  if (const auto id = links_.find(who))
    on_connection_down(*id);
  else
    on_closed(who);
  finish();
}

void pool_state::on_closed(const caf::actor_addr& who) {
  const auto is = [&](const auto& c) { return c.second.address() == who; };
  if (const auto gone = std::find_if(closing_.begin(), closing_.end(), is);
      gone != closing_.end()) {
    const auto id = gone->first;
    closing_.erase(gone);
    machine_->closed(id, now(), effects_.out());
  }
}

void pool_state::on_connection_down(connection_id id) {
  if (jobs_.works_on(id) || machine_->is_checking(id)) {
    machine_->lost(id,
                   {errc::connection_lost, spoils::connection, 0, "The connection's actor died"},
                   now(), effects_.out());
    return;
  }
  // Nothing was going on there: another actor takes the same connection, and no one notices.
  auto& l = *links_.find(id);
  try {
    l.actor = spawn_connection(system_, options_.threads, id, l.handle);
    monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(l.actor));
  } catch (const std::system_error& problem) {
    machine_->lost(id, {errc::connection_lost, spoils::connection, 0, problem.what()}, now(),
                   effects_.out());
  }
}

void pool_state::withdraw(request_id request) {
  if (const auto task = jobs_.withdraw(request))
    interrupt(*task);
  else if (auto kept = retries_.take(request))
    kept->answer.refuse(make_error(errc::stopped), context());
  else if (requests_.erase(request) > 0)
    machine_->withdraw(request, now(), effects_.out());
}

void pool_state::interrupt(const job_desk::ended_early& task) {
  if (task.interrupt)
    if (auto* l = links_.find(*task.interrupt))
      l->handle->interrupt();
}

} // namespace moor::actors
