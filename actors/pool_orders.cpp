// What a pool's machine orders, and the work on its leases.
#include "moor/actors/pool_state.hpp"

#include <string>
#include <utility>

#include "moor/actors/event_lines.hpp"
#include "moor/machines/health_words.hpp"

namespace moor::actors {

namespace {

/// Errors whose text says how the pool is: the borrower is refused for that, or may be.
bool tells_of_health(errc code) {
  return code == errc::pool_cleared || code == errc::wait_queue_timeout
         || code == errc::circuit_open || code == errc::shed;
}

/// " (waited 1.0 s; 10 of 10 connections in use, 3 requests waiting)".
std::string words_of_wait(duration waited, const pool_stats& now) {
  return " (waited " + machines::in_words(waited) + "; " + std::to_string(now.in_use) + " of "
         + std::to_string(now.max_size) + " connections in use, " + std::to_string(now.waiting)
         + (now.waiting == 1 ? " request" : " requests") + " waiting)";
}

} // namespace

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

/// While nobody uses the connection.
void pool_state::observe(connection_id id, link& l) {
  l.slow_after = options_.config.slow_query_threshold;
  l.handle->observe({operations_, id, l.slow_after});
}

void pool_state::lend(const machines::grant& g, waiting w) {
  auto* l = links_.find(g.connection);
  auto control = std::make_shared<lease_control>(g.lease, g.connection, l->established_at,
                                                 l->handle, address_);
  l->handle->use_for(mongo::purpose{w.operation, w.slow_after});
  leases_.begin(g.lease, g.connection, w.operation, std::move(w.terms), w.answer.asker(),
                options_.config.leaks.threshold, now());
  jobs_.open(g.lease, g.connection, control, std::move(w.operation));
  w.answer.answer(lease{std::move(control)}, context());
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
  if (auto* l = links_.find(e.connection);
      l != nullptr && l->slow_after != options_.config.slow_query_threshold)
    observe(e.connection, *l); // another one is in force than when it was last looked at
  if (!w.work) {
    gate_.begin_hold(e.request, e.lease, draw(), now(), breaker_changes_);
    return lend(e, std::move(w));
  }
  gate_.begin(e.request, e.lease, now());
  if (auto* l = links_.find(e.connection))
    l->handle->use_for(std::nullopt); // no longer for a lease before it
  jobs_.open(e.lease, e.connection, nullptr, std::move(w.operation));
  jobs_.add(
    e.lease, e.request,
    {std::move(w.work), std::move(w.answer), w.place->deadline, w.attempt, now() - w.place->since});
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
  if (why.code == errc::wait_queue_timeout && w.place)
    why.text += words_of_wait(now() - w.place->since, machine_->stats());
  if (tells_of_health(why.code))
    why.text += health_words();
  if (w.work) {
    task t{std::move(w.work), std::move(w.answer), w.place->deadline, w.attempt};
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
    leases_.end(e.lease, now());
    jobs_.cut(e.lease, e.why);
    gate_.abandon(e.lease, draw(), now(), breaker_changes_);
  }
  pinging_.erase(e.connection);
  links_.cut(e.connection);
}

void pool_state::apply(const machines::publish& e) {
  // What a pool is cleared for is of interest without all the others.
  const auto stands_out = e.event.type == event_type::pool_cleared && clear_lines_.permit(now());
  if (const auto level = stands_out ? log_level::info : log_level::debug; options_.log.wants(level))
    say(level, line_about(options_.config.name, options_.address, e.event));
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
  say(log_level::warning, line_about(options_.config.name, e, jobs_.operations()));
}

void pool_state::apply(const machines::relieved& e) {
  say(log_level::info, line_about(options_.config.name, e));
}

} // namespace moor::actors
