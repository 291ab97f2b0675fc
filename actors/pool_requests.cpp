// What borrowers ask of a pool, and their attempts.
#include "moor/actors/pool_state.hpp"

#include <optional>
#include <utility>

#include "moor/actors/request_rules.hpp"

namespace moor::actors {

namespace {

bool serves(pool_phase phase) {
  return phase == pool_phase::ready || phase == pool_phase::paused;
}

} // namespace

void pool_state::on(acquire& request) {
  ticket answer{self_};
  if (const auto rule = broken_rule(request))
    return answer.refuse(make_error(*rule), context());
  check_out({.answer = std::move(answer),
             .work = nullptr,
             .place = std::nullopt,
             .operation = std::move(request.options.operation),
             .slow_after = request.options.slow_after,
             .terms = {request.dedicated, request.tell_when_overdue, request.leak_after,
                       std::move(request.where)}},
            request.options.level, request.options.read_only,
            deadline_of(request.options, options_.config.wait_queue_timeout, now()));
}

void pool_state::on(const run& request) {
  std::optional<run> own; // its sender may have kept the message
  try {
    own.emplace(request);
  } catch (...) { // whatever the copy of something that the function captured throws
    return ticket{self_}.refuse(
      make_error(errc::function_failed, "The function could not be copied"), context());
  }
  on_work(*own);
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
    return check_out({std::move(answer), std::make_unique<work_item>(std::move(request)),
                      std::nullopt, std::move(operation)},
                     level, read_only, deadline);
  }
  if (!jobs_.knows(lease)) {
    const auto* why = leases_.revoked(lease);
    return answer.refuse(
      why != nullptr ? make_error(errc::revoked, *why) : make_error(errc::lease_ended), context());
  }
  jobs_.add(lease, ++last_request_,
            {std::make_unique<work_item>(std::move(request)), std::move(answer), deadline});
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
  w.place = machines::waiter{
    .request = id, .level = level, .read_only = read_only, .since = at, .deadline = deadline};
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
  const auto options = options_of(*t.what); // the request goes away first
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
  requests_.emplace(++last_request_, waiting{std::move(answer), nullptr, std::nullopt});
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
  if (request.scope > breaker_scope::establishing || request.mode > breaker_mode::forced_open)
    return; // from another node, or a cast
  if (request.scope == breaker_scope::establishing)
    return send(connector_, set_breaker{request});
  gate_.set_mode(request.mode, now(), breaker_changes_);
  finish();
}

void pool_state::on(lease_returned& message) {
  leases_.end(message.lease, now());
  jobs_.let_go(message.lease, std::move(message.why));
  settle(message.lease);
  finish();
}

} // namespace moor::actors
