#include "moor/actors/pool_state.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "moor/actors/request_rules.hpp"
#include "moor/machines/health_words.hpp"

namespace moor::actors {

namespace {

using wall_clock = std::chrono::system_clock;

/// Sends what is slow to the pool, from whichever thread. The address is held weakly: connections
/// hold the log, and may outlive their pool.
std::shared_ptr<operation_log> make_operation_log(const caf::weak_actor_ptr& pool) {
  return std::make_shared<operation_log>([pool](slow_command&& what) {
    if (const auto to = caf::actor_cast<caf::strong_actor_ptr>(pool))
      caf::anon_send(caf::actor_cast<pool_supervisor_actor>(to), std::move(what));
  });
}

/// Errors whose text says how the pool is: the borrower is refused for that, or may be.
bool tells_of_health(errc code) {
  return code == errc::pool_cleared || code == errc::wait_queue_timeout
         || code == errc::circuit_open || code == errc::shed;
}

bool serves(pool_phase phase) {
  return phase == pool_phase::ready || phase == pool_phase::paused;
}

} // namespace

pool_state::pool_state(caf::actor_system& system, pool_supervisor_options options,
                       caf::weak_actor_ptr address, std::shared_ptr<inbox> box)
  : system_(system),
    options_(std::move(options)),
    address_(std::move(address)),
    box_(std::move(box)),
    gate_(breaker_scope::operations, options_.config.breaker, system.clock().now()),
    publisher_(options_.config.name, options_.address),
    borrowers_(address_),
    jobs_(
      borrowers_, [this] { return context(); },
      [this](request_id request, task& t, failure& why) { return try_again(request, t, why); }),
    retries_(options_.config.request_retry, options_.config.wait_queue_limit),
    operations_(make_operation_log(address_)),
    random_(options_.seed) {
  publisher_.add(std::exchange(options_.first_subscriber, nullptr));
}

pool_state::~pool_state() {
  const auto why = make_error(errc::stopped);
  box_->close(why);
  end(why);
}

void pool_state::take_over(self_ptr self, bool in_the_middle) {
  self_ = self;
  alarm_.reset();
  publisher_.reset();
  if (machine_) {
    finish(); // what the last one had begun
    if (in_the_middle) {
      watch_everybody();
      told_.reset();
    }
    const auto there = roll(in_the_middle);
    adopt_calls(there);
    machine_->adopt(there, now(), effects_.out());
  } else {
    machine_.emplace(options_.config, options_.address, now(), effects_.out());
    if (options_.background_interval > duration::zero())
      next_background_ = now() + options_.background_interval;
  }
  finish();
}

void pool_state::watch_everybody() {
  for (const auto& [id, w] : requests_)
    if (w.place)
      borrowers_.add(id, w.answer.asker());
  for (const auto& [id, t] : retries_.all())
    borrowers_.add(id, t.answer.asker());
  jobs_.watch_askers();
  for (const auto& [id, l] : links_.all())
    monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(l.actor));
  for (const auto& [id, actor] : closing_)
    monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(actor));
}

machines::roll pool_state::roll(bool in_the_middle) const {
  machines::roll there;
  for (const auto& [id, l] : links_.all()) {
    there.connections.insert(id);
    if (l.handle->read_only())
      there.read_only.insert(id);
  }
  for (const auto& [id, actor] : closing_)
    there.closing.insert(id);
  there.leases = jobs_.leases();
  there.ordered = ordered_;
  there.pinging = pinging_;
  for (const auto& [id, w] : requests_)
    if (w.place)
      there.waiting.push_back(*w.place);
    else
      there.others.insert(id);
  there.words_may_be_lost = in_the_middle;
  return there;
}

void pool_state::adopt_calls(const machines::roll& there) {
  std::unordered_set<std::uint64_t> requests;
  for (const auto& w : there.waiting)
    requests.insert(w.request);
  std::unordered_set<std::uint64_t> leases;
  for (const auto& [lease, connection] : there.leases)
    leases.insert(lease);
  gate_.adopt(requests, leases, draw(), now(), breaker_changes_);
}

void pool_state::end(const caf::error& why) {
  self_ = nullptr;
  for (auto& [id, w] : std::exchange(requests_, {}))
    w.answer.refuse(why);
  for (auto& [id, t] : retries_.take_all())
    t.answer.refuse(why);
  jobs_.cut_all(failure_of(errc::stopped));
  links_.cut_all();
}

// -- from borrowers ------------------------------------------------------------------------------

void pool_state::on(acquire& request) {
  ticket answer{self_};
  if (const auto rule = broken_rule(request))
    return answer.refuse(make_error(*rule), context());
  check_out({.answer = std::move(answer),
             .work = std::nullopt,
             .place = std::nullopt,
             .operation = std::move(request.options.operation),
             .slow_after = request.options.slow_after},
            request.options.level, request.options.read_only,
            deadline_of(request.options, options_.config.wait_queue_timeout, now()));
}

void pool_state::on(run& request) {
  on_work(request);
}

void pool_state::on(command& request) {
  on_work(request);
}

template <class Request>
void pool_state::on_work(Request& request) {
  ticket answer{self_};
  if (const auto rule = broken_rule(request))
    return answer.refuse(make_error(*rule), context());
  const auto deadline = deadline_of(request.options, options_.config.wait_queue_timeout, now());
  const auto lease = request.lease;
  const auto level = request.options.level;
  const auto read_only = request.options.read_only;
  if (lease == 0) {
    retries_.request();
    auto operation = request.options.operation; // the request goes away first
    return check_out({std::move(answer), std::move(request), std::nullopt, std::move(operation)},
                     level, read_only, deadline);
  }
  if (!jobs_.knows(lease))
    return answer.refuse(make_error(errc::lease_ended), context());
  jobs_.add(lease, ++last_request_, {std::move(request), std::move(answer), deadline});
  send_next_job(lease);
  finish();
}

void pool_state::check_out(waiting w, priority level, bool read_only, instant deadline) {
  const auto at = now();
  const auto id = ++last_request_;
  // A pool that refuses everything has better words for it.
  if (machine_->phase() == pool_phase::ready)
    if (auto why = gate_.admit(id, draw(), at, breaker_changes_)) {
      why->text += health_words();
      if (w.attempt > 1)
        why->text += " (at attempt " + std::to_string(w.attempt) + ")";
      w.answer.refuse(explained(*why), context());
      return finish();
    }
  w.place = machines::waiter{id, level, at, deadline, 0, read_only};
  const auto asker = w.answer.asker();
  requests_.emplace(id, std::move(w));
  machine_->check_out(id, level, read_only, deadline, at, effects_.out());
  finish();
  if (requests_.contains(id) || retries_.all().contains(id))
    borrowers_.add(id, asker);
}

bool pool_state::try_again(request_id request, task& t, failure& why) {
  return self_ != nullptr && serves(machine_->phase())
         && retries_.keep(request, t, why, now(), draw());
}

void pool_state::begin_again(request_id before, task t) {
  borrowers_.remove(before, t.answer.asker());
  const auto options = options_of(t.what); // the request goes away first
  check_out({.answer = std::move(t.answer),
             .work = std::move(t.what),
             .place = std::nullopt,
             .operation = options.operation,
             .attempt = t.attempt + 1},
            options.level, options.read_only, t.deadline);
}

void pool_state::end_retries_if_over() {
  if (serves(machine_->phase()))
    return;
  const auto why = machine_->phase() == pool_phase::closed ? errc::pool_closed : errc::draining;
  for (auto& [id, t] : retries_.take_all()) {
    borrowers_.remove(id, t.answer.asker());
    t.answer.refuse(make_error(why), context());
  }
}

request_id pool_state::admit(ticket answer) {
  requests_.emplace(++last_request_, waiting{std::move(answer), std::nullopt, std::nullopt});
  return last_request_;
}

void pool_state::on(const warm& request) {
  ticket answer{self_};
  if (const auto rule = broken_rule(request))
    return answer.refuse(make_error(*rule), context());
  const auto timeout
    = request.timeout > duration::zero() ? request.timeout : options_.config.wait_queue_timeout;
  const auto id = admit(std::move(answer));
  machine_->warm(id, request.count, now() + timeout, now(), effects_.out());
  finish();
}

void pool_state::on(const drain& request) {
  ticket answer{self_};
  if (const auto rule = broken_rule(request))
    return answer.refuse(make_error(*rule), context());
  const auto id = admit(std::move(answer));
  machine_->drain(id, now() + request.deadline, now(), effects_.out());
  finish();
}

void pool_state::on(const clear& request) {
  machine_->clear(request.interrupt_in_use, std::nullopt, now(), effects_.out());
  finish();
}

void pool_state::on(const close_pool&) {
  machine_->close(now(), effects_.out());
  finish();
}

void pool_state::on(const subscribe& request) {
  publisher_.add(request.subscriber);
  monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(request.subscriber));
}

void pool_state::on(const unsubscribe& request) {
  publisher_.remove(request.subscriber.address());
}

void pool_state::on(const set_breaker& request) {
  if (request.scope == breaker_scope::establishing)
    return send(connector_, set_breaker{request});
  gate_.set_mode(request.mode, now(), breaker_changes_);
  finish();
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
  s.refused += box_->refused();
  s.restarts = restarts_;
  s.retried = retries_.policy().retried();
  s.retries_withheld = retries_.policy().withheld();
  s.health = health_.state;
  const auto spoiler_is_newer = last_spoiler_at_ > counters_.last_error_at;
  const auto at = spoiler_is_newer ? last_spoiler_at_ : counters_.last_error_at;
  s.last_error = spoiler_is_newer ? last_spoiler_ : counters_.last_error;
  s.last_error_unix_ms
    = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  return s;
}

// -- from connections, the connector and the supervisor ------------------------------------------

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
  message.handle->observe({operations_, message.connection, options_.config.slow_query_threshold});
  // Nothing of it stays in the message, which may outlive the connection.
  links_.add(message.connection, {message.actor, std::move(message.handle), now()});
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
  machine_->clear(false, message.why, now(), effects_.out());
  finish();
}

void pool_state::on(const breaker_moved& message) {
  publish(breaker_scope::establishing, message.change);
  finish();
}

void pool_state::on(const slow_command& message) {
  say(line_about(options_.config.name, message));
}

operations_report pool_state::operations(const get_operations& request) const {
  return operations_->report(request.most);
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

void pool_state::on(const part_restarted&) {
  ++restarts_;
}

void pool_state::on(const tick& message) {
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

parts pool_state::connections() const {
  parts all;
  for (const auto& [id, l] : links_.all())
    all.push_back({"connection " + std::to_string(id), caf::actor_cast<caf::actor>(l.actor), 0});
  return all;
}

// -- leases and their work -----------------------------------------------------------------------

void pool_state::send_next_job(lease_id lease) {
  if (auto next = jobs_.next(lease, now()))
    if (auto* l = links_.find(next->first))
      send(l->actor, std::move(next->second));
}

void pool_state::settle(lease_id lease) {
  send_next_job(lease);
  if (const auto ended = jobs_.end_if_idle(lease)) {
    if (ended->why)
      note(*ended->why);
    gate_.end(lease, ended->why ? ended->why : ended->outcome, draw(), now(), breaker_changes_);
    machine_->check_in(lease, ended->why, now(), effects_.out());
  }
}

void pool_state::lend(const machines::grant& g, waiting w) {
  auto* l = links_.find(g.connection);
  auto control = std::make_shared<lease_control>(g.lease, g.connection, l->established_at,
                                                 l->handle, address_);
  l->handle->use_for(mongo::purpose{w.operation, w.slow_after});
  jobs_.open(g.lease, g.connection, control, std::move(w.operation));
  w.answer.answer(lease{std::move(control)}, context());
}

void pool_state::note(const failure& why) {
  last_spoiler_ = describe(why);
  last_spoiler_at_ = wall_clock::now();
}

void pool_state::say(const std::string& line) const {
  if (options_.log)
    options_.log(line);
}

// -- effects -------------------------------------------------------------------------------------

void pool_state::finish() {
  effects_.carry_out(options_.may_fail, name, [this](const auto& what) { apply(what); });
  for (const auto& change : std::exchange(breaker_changes_, {}))
    publish(breaker_scope::operations, change);
  end_retries_if_over();
  publisher_.flush(self_);
  tell_monitor();
  alarm_.set(self_,
             std::min({machine_->next_deadline(), jobs_.next_deadline(), retries_.next_deadline(),
                       next_background_, gate_.next_timer()}),
             now());
}

void pool_state::tell_monitor() {
  const auto phase = machine_->phase();
  if (!monitor_ || told_ == phase)
    return;
  told_ = phase;
  const auto s = machine_->stats();
  send(monitor_, pool_news{phase, s.generation, s.waiting, s.max_size, clear_cause_});
}

bool pool_state::unwell() const {
  return health_.state == health_state::degraded || health_.state == health_state::unavailable;
}

caf::error pool_state::explained(const failure& why) const {
  return unwell() ? make_error(why, health_.history) : make_error(why);
}

std::string pool_state::health_words() const {
  if (!unwell())
    return {};
  return " (" + std::string{to_string(health_.state)} + " for "
         + machines::in_words(now() - health_.since)
         + (health_.cause.empty() ? "" : ": " + health_.cause) + ")";
}

void pool_state::publish(breaker_scope scope, const breaker_changed& change) {
  publisher_.push({.type = event_type::breaker_changed,
                   .scope = scope,
                   .state = change.to,
                   .cause = change.cause});
  if (monitor_)
    send(monitor_, breaker_news{scope, change});
  say("pool=\"" + options_.config.name + "\" event=breaker_changed scope="
      + std::string{to_string(scope)} + " from=" + std::string{to_string(change.from)}
      + " to=" + std::string{to_string(change.to)} + " cause=\"" + change.cause + '"');
}

ticket pool_state::take_ticket(request_id request) {
  auto node = requests_.extract(request);
  if (node.empty())
    return {};
  borrowers_.remove(request, node.mapped().answer.asker());
  return std::move(node.mapped().answer);
}

void pool_state::apply(const machines::grant& e) {
  auto node = requests_.extract(e.request);
  if (node.empty()) { // nobody waits for it any more
    machine_->check_in(e.lease, std::nullopt, now(), effects_.out());
    return;
  }
  auto& w = node.mapped();
  borrowers_.remove(e.request, w.answer.asker());
  if (!w.work) {
    gate_.begin_hold(e.request, e.lease, draw(), now(), breaker_changes_);
    return lend(e, std::move(w));
  }
  gate_.begin(e.request, e.lease, now());
  if (auto* l = links_.find(e.connection))
    l->handle->use_for(std::nullopt); // no longer for a lease before it
  jobs_.open(e.lease, e.connection, nullptr, std::move(w.operation));
  jobs_.add(e.lease, e.request,
            {std::move(*w.work), std::move(w.answer), w.place->deadline, w.attempt,
             now() - w.place->since});
  send_next_job(e.lease);
}

void pool_state::apply(const machines::refuse& e) {
  gate_.release(e.request, draw(), now(), breaker_changes_);
  auto node = requests_.extract(e.request);
  if (node.empty())
    return;
  auto& w = node.mapped();
  auto why = e.why;
  if (why.text.empty())
    why.text = cause_of(why.code);
  if (tells_of_health(why.code))
    why.text += health_words();
  if (w.work) {
    task t{std::move(*w.work), std::move(w.answer), w.place->deadline, w.attempt};
    if (try_again(e.request, t, why))
      return;
    w.answer = std::move(t.answer);
  }
  borrowers_.remove(e.request, w.answer.asker());
  w.answer.refuse(tells_of_health(why.code) ? explained(why) : make_error(why), context());
}

void pool_state::apply(const machines::open_connection& e) {
  ordered_.insert(e.connection);
  send(connector_, establish{e.connection});
}

void pool_state::apply(const machines::abandon_connection& e) {
  ordered_.erase(e.connection);
  send(connector_, abandon{e.connection});
}

void pool_state::apply(const machines::ping_connection& e) {
  if (auto* l = links_.find(e.connection)) {
    pinging_.insert(e.connection);
    send(l->actor, check_connection{options_.config.connect_timeout});
  }
}

void pool_state::apply(const machines::close_connection& e) {
  pinging_.erase(e.connection);
  if (auto actor = links_.close(e.connection))
    closing_.insert_or_assign(e.connection, std::move(actor));
}

void pool_state::apply(const machines::cut_connection& e) {
  if (e.lease != 0) {
    jobs_.cut(e.lease, e.why);
    gate_.abandon(e.lease, draw(), now(), breaker_changes_);
  }
  pinging_.erase(e.connection);
  links_.cut(e.connection);
}

void pool_state::apply(const machines::publish& e) {
  publisher_.push(e.event);
}

void pool_state::apply(const machines::seek_server& e) {
  clear_cause_ = e.why ? e.why->text : "a request to clear it";
  send(connector_, pool_paused{});
}

void pool_state::apply(const machines::report_warm& e) {
  take_ticket(e.request).answer(warmed{e.established}, context());
}

void pool_state::apply(const machines::report_drained& e) {
  take_ticket(e.request).answer(drained{e.returned, e.cut_off}, context());
}

void pool_state::apply(const machines::saturated& e) {
  say(line_about(options_.config.name, e, jobs_.operations()));
}

void pool_state::apply(const machines::relieved& e) {
  say(line_about(options_.config.name, e));
}

} // namespace moor::actors
