#include "moor/actors/pool_state.hpp"

#include <algorithm>
#include <utility>

#include "moor/actors/request_rules.hpp"

namespace moor::actors {

namespace {
using wall_clock = std::chrono::system_clock;
}

void pool_state::init(pool_supervisor_options options, caf::weak_actor_ptr front) {
  options_ = std::move(options);
  front_ = std::move(front);
  random_.seed(options_.seed);
  publisher_.emplace(options_.config.name, options_.address);
  publisher_->add(std::exchange(options_.first_subscriber, nullptr));
  machine_.emplace(options_.config, options_.address, now(), effects_);
  if (options_.background_interval > duration::zero())
    next_background_ = now() + options_.background_interval;
  finish();
}

// -- from borrowers ------------------------------------------------------------------------------

void pool_state::on(acquire& request) {
  waiting w{ticket{self_->make_response_promise()}, std::nullopt,
            deadline_of(request.options, options_.config.wait_queue_timeout, now())};
  if (const auto rule = broken_rule(request))
    return w.answer.refuse(make_error(*rule));
  check_out(std::move(w), request.options.level);
}

void pool_state::on(run& request) {
  on_work(request);
}

void pool_state::on(command& request) {
  on_work(request);
}

template <class Request>
void pool_state::on_work(Request& request) {
  ticket answer{self_->make_response_promise()};
  if (const auto rule = broken_rule(request))
    return answer.refuse(make_error(*rule));
  const auto deadline = deadline_of(request.options, options_.config.wait_queue_timeout, now());
  const auto lease = request.lease;
  const auto level = request.options.level;
  if (lease == 0)
    return check_out({std::move(answer), std::move(request), deadline}, level);
  if (!jobs_.knows(lease))
    return answer.refuse(make_error(errc::lease_ended));
  jobs_.add(lease, {std::move(request), std::move(answer), deadline});
  send_next_job(lease);
  finish();
}

void pool_state::check_out(waiting w, priority level) {
  const auto deadline = w.deadline;
  const auto id = admit(std::move(w));
  machine_->check_out(id, level, deadline, now(), effects_);
  finish();
}

request_id pool_state::admit(waiting w) {
  requests_.emplace(++last_request_, std::move(w));
  return last_request_;
}

void pool_state::on(const warm& request) {
  ticket answer{self_->make_response_promise()};
  if (const auto rule = broken_rule(request))
    return answer.refuse(make_error(*rule));
  const auto timeout
    = request.timeout > duration::zero() ? request.timeout : options_.config.wait_queue_timeout;
  const auto id = admit({std::move(answer), std::nullopt, no_deadline});
  machine_->warm(id, request.count, now() + timeout, now(), effects_);
  finish();
}

void pool_state::on(const drain& request) {
  ticket answer{self_->make_response_promise()};
  if (const auto rule = broken_rule(request))
    return answer.refuse(make_error(*rule));
  const auto id = admit({std::move(answer), std::nullopt, no_deadline});
  machine_->drain(id, now() + request.deadline, now(), effects_);
  finish();
}

void pool_state::on(const clear& request) {
  machine_->clear(request.interrupt_in_use, std::nullopt, now(), effects_);
  finish();
}

void pool_state::on(const close_pool&) {
  machine_->close(now(), effects_);
  finish();
}

void pool_state::on(const subscribe& request) {
  publisher_->add(request.subscriber);
}

void pool_state::on(const unsubscribe& request) {
  publisher_->remove(request.subscriber);
}

void pool_state::on(lease_returned& message) {
  jobs_.let_go(message.lease, std::move(message.why));
  settle(message.lease);
  finish();
}

pool_stats pool_state::stats() const {
  auto s = machine_->stats();
  s.attempts = counters_.attempts;
  s.reconnections = counters_.reconnections;
  s.errors += counters_.errors;
  const auto spoiler_is_newer = last_spoiler_at_ > counters_.last_error_at;
  const auto at = spoiler_is_newer ? last_spoiler_at_ : counters_.last_error_at;
  s.last_error = spoiler_is_newer ? last_spoiler_ : counters_.last_error;
  s.last_error_unix_ms
    = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  return s;
}

// -- from connections and the connector ----------------------------------------------------------

void pool_state::on(job_done& message) {
  const auto lease = message.lease;
  jobs_.done(std::move(message));
  settle(lease);
  finish();
}

void pool_state::on(const check_done& message) {
  if (message.why) {
    note(*message.why);
    machine_->check_failed(message.connection, *message.why, now(), effects_);
  } else {
    machine_->check_passed(message.connection, now(), effects_);
  }
  finish();
}

void pool_state::on(established& message) {
  note(message.counters);
  self_->monitor(message.actor);
  links_.add(message.connection, {message.actor, std::move(message.handle), now()});
  machine_->established(message.connection, draw(), now(), effects_);
  finish();
}

void pool_state::on(const establishing_failed& message) {
  note(message.counters);
  machine_->establishing_failed(message.connection, message.why, now(), effects_);
  finish();
}

void pool_state::on(const server_found& message) {
  note(message.counters);
  machine_->ready(now(), effects_);
  finish();
}

void pool_state::on(const server_lost& message) {
  note(message.counters);
  machine_->clear(false, message.why, now(), effects_);
  finish();
}

void pool_state::on(use_connector& message) {
  const auto replaces = static_cast<bool>(connector_);
  connector_ = std::move(message.connector);
  if (replaces)
    machine_->connector_lost(now(), effects_);
  finish();
}

void pool_state::on(const tick& message) {
  if (!alarm_.rings(message))
    return;
  const auto at = now();
  while (const auto over = jobs_.take_overdue(at))
    if (over->interrupt)
      if (auto* l = links_.find(*over->interrupt))
        l->handle->interrupt();
  if (at >= next_background_) {
    next_background_ = at + options_.background_interval;
    machine_->run_background(at, effects_);
  }
  machine_->expire(at, effects_);
  finish();
}

void pool_state::on_down(const caf::actor_addr& who) {
  const auto id = links_.find(who);
  if (!id)
    return;
  machine_->lost(*id, {errc::connection_lost, spoils::connection, 0, "The connection's actor died"},
                 now(), effects_);
  finish();
}

// -- leases and their work -----------------------------------------------------------------------

void pool_state::send_next_job(lease_id lease) {
  if (auto next = jobs_.next(lease))
    if (auto* l = links_.find(next->first))
      self_->send(l->actor, std::move(next->second));
}

void pool_state::settle(lease_id lease) {
  send_next_job(lease);
  if (const auto ended = jobs_.end_if_idle(lease)) {
    if (ended->why)
      note(*ended->why);
    machine_->check_in(lease, ended->why, now(), effects_);
  }
}

void pool_state::lend(const machines::grant& g, ticket answer) {
  auto* l = links_.find(g.connection);
  auto control
    = std::make_shared<lease_control>(g.lease, g.connection, l->established_at, l->handle, front_);
  jobs_.open(g.lease, g.connection, control);
  answer.answer(lease{std::move(control)});
}

void pool_state::note(const failure& why) {
  last_spoiler_ = describe(why);
  last_spoiler_at_ = wall_clock::now();
}

void pool_state::note(const connector_counters& counters) {
  counters_ = counters;
}

// -- effects -------------------------------------------------------------------------------------

void pool_state::finish() {
  for (auto& effect : effects_)
    apply(effect);
  effects_.clear();
  publisher_->flush(self_);
  alarm_.set(self_, std::min({machine_->next_deadline(), jobs_.next_deadline(), next_background_}),
             now());
}

void pool_state::apply(machines::pool_effect& e) {
  std::visit([this](auto& what) { apply(what); }, e);
}

ticket pool_state::take_ticket(request_id request) {
  auto node = requests_.extract(request);
  return node.empty() ? ticket{} : std::move(node.mapped().answer);
}

void pool_state::apply(machines::grant& e) {
  auto node = requests_.extract(e.request);
  auto& w = node.mapped();
  if (!w.work)
    return lend(e, std::move(w.answer));
  jobs_.open(e.lease, e.connection, nullptr);
  jobs_.add(e.lease, {std::move(*w.work), std::move(w.answer), w.deadline});
  send_next_job(e.lease);
}

void pool_state::apply(const machines::refuse& e) {
  take_ticket(e.request).refuse(make_error(e.why));
}

void pool_state::apply(const machines::open_connection& e) {
  self_->send(connector_, establish{e.connection});
}

void pool_state::apply(const machines::abandon_connection& e) {
  self_->send(connector_, abandon{e.connection});
}

void pool_state::apply(const machines::ping_connection& e) {
  if (auto* l = links_.find(e.connection))
    self_->send(l->actor, check_connection{options_.config.connect_timeout});
}

void pool_state::apply(const machines::close_connection& e) {
  links_.close(e.connection);
}

void pool_state::apply(const machines::cut_connection& e) {
  if (e.lease != 0)
    jobs_.cut(e.lease, e.why);
  links_.cut(e.connection);
}

void pool_state::apply(const machines::publish& e) {
  publisher_->push(e.event);
}

void pool_state::apply(const machines::seek_server&) {
  self_->send(connector_, pool_paused{});
}

void pool_state::apply(const machines::report_warm& e) {
  take_ticket(e.request).answer(warmed{e.established});
}

void pool_state::apply(const machines::report_drained& e) {
  take_ticket(e.request).answer(drained{e.returned, e.cut_off});
}

} // namespace moor::actors
