#include "moor/actors/pool_state.hpp"

#include <algorithm>
#include <utility>

#include "moor/actors/log_fields.hpp"
#include "moor/machines/health_words.hpp"
#include "moor/mongo/fiber_loop.hpp"

namespace moor::actors {

namespace {

using wall_clock = std::chrono::system_clock;

/// Entries of each history that a view shows.
constexpr std::size_t most_kept = 25;

std::int64_t unix_ms(wall_clock::time_point at) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

/// Sends what is slow to the pool, from whichever thread. The address is held weakly: connections
/// hold the log, and may outlive their pool.
std::shared_ptr<operation_log> make_operation_log(const caf::weak_actor_ptr& pool) {
  return std::make_shared<operation_log>([pool](slow_command&& what) {
    if (const auto to = caf::actor_cast<caf::strong_actor_ptr>(pool))
      caf::anon_send(caf::actor_cast<pool_supervisor_actor>(to), std::move(what));
  });
}

} // namespace

pool_state::pool_state(caf::actor_system& system, pool_supervisor_options options,
                       caf::weak_actor_ptr address, std::shared_ptr<inbox> box)
  : system_(system),
    options_(std::move(options)),
    address_(std::move(address)),
    box_(std::move(box)),
    gate_(breaker_scope::operations, options_.config.breaker, system.clock().now()),
    publisher_(options_.config.name, options_.address,
               [this] {
                 look_at_clock();
                 finish();
               }),
    borrowers_(address_),
    as_guests_(&system),
    jobs_(
      borrowers_, [this] { return for_results(); },
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

caf::execution_unit* pool_state::for_results() {
  if (options_.config.turns == borrower_turns::loop && mongo::fiber_loop::here{})
    return &as_guests_;
  return context();
}

void pool_state::take_over(self_ptr self, bool in_the_middle) {
  self_ = self;
  look_at_clock();
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
  publisher_.send_rest();
}

// -- what is known -----------------------------------------------------------------------------

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
  s.last_error_unix_ms = unix_ms(at);
  return s;
}

operations_report pool_state::operations(const get_operations& request) const {
  return operations_->report(request.most);
}

parts pool_state::connections() const {
  parts all;
  for (const auto& [id, l] : links_.all())
    all.push_back({"connection " + std::to_string(id), caf::actor_cast<caf::actor>(l.actor), 0});
  return all;
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

void pool_state::note(const failure& why) {
  last_spoiler_ = describe(why);
  last_spoiler_at_ = wall_clock::now();
}

void pool_state::say(log_level level, const std::string& line) const {
  options_.log(level, line);
}

// -- after every message -------------------------------------------------------------------------

void pool_state::finish() {
  effects_.carry_out(options_.may_fail, name, [this](const auto& what) { apply(what); });
  for (const auto& change : std::exchange(breaker_changes_, {}))
    publish(breaker_scope::operations, change);
  end_retries_if_over();
  wake_detector();
  const auto at = now();
  publisher_.flush(self_, at);
  tell_monitor();
  alarm_.set(self_,
             std::min({machine_->next_deadline(), jobs_.next_deadline(), retries_.next_deadline(),
                       next_background_, gate_.next_timer(), publisher_.next(at)}));
}

void pool_state::tell_monitor() {
  const auto phase = machine_->phase();
  if (!monitor_ || told_ == phase)
    return;
  told_ = phase;
  const auto s = machine_->stats();
  send(monitor_, pool_news{phase, s.generation, s.waiting, s.max_size, clear_cause_});
}

void pool_state::publish(breaker_scope scope, const breaker_changed& change) {
  if (breaker_history_.size() == most_kept)
    breaker_history_.pop_front();
  breaker_history_.push_back({scope, change, unix_ms(wall_clock::now())});
  publisher_.push({.type = event_type::breaker_changed,
                   .scope = scope,
                   .state = change.to,
                   .cause = change.cause});
  if (monitor_)
    send(monitor_, breaker_news{scope, change});
  say(log_level::warning, "pool=\"" + options_.config.name
                            + "\" event=breaker_changed scope=" + std::string{to_string(scope)}
                            + " from=" + std::string{to_string(change.from)} + " to="
                            + std::string{to_string(change.to)} + " cause=" + quoted(change.cause));
}

} // namespace moor::actors
