#include "moor/actors/exporter_state.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <caf/actor_cast.hpp>

#include "moor/actors/log_fields.hpp"
#include "moor/messages/caf_errors.hpp"

namespace moor::actors {

namespace {

std::int64_t unix_ms_now() {
  using namespace std::chrono;
  return duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

exporter_state::exporter_state(exporter_options options, caf::weak_actor_ptr pool,
                               std::shared_ptr<inbox> box, std::shared_ptr<const board::bell> rings)
  : options_(std::move(options)),
    pool_(std::move(pool)),
    box_(std::move(box)),
    rings_(std::move(rings)) {
  known_.pool = options_.config.name;
  known_.address = options_.address;
  known_.began_unix_ms = unix_ms_now();
  known_.settings = std::move(options_.origins);
  known_.interval = options_.config.metrics_interval;
  if (looks())
    guarded([this] { metrics_.emplace(options_.registry, known_.pool); });
}

exporter_state::~exporter_state() {
  const auto why = make_error(errc::stopped);
  box_->close(why);
  end(why);
}

void exporter_state::take_over(self_ptr self, bool) {
  self_ = self;
  alarm_.reset();
  asked_ = {};
  look_until_.reset();
  if (looks())
    alarm_.set(self_, next_look());
}

void exporter_state::end(const caf::error&) {
  self_ = nullptr;
  hide();
  metrics_.reset();
}

void exporter_state::hide() {
  if (shown_)
    options_.shown->remove(std::exchange(shown_, nullptr));
}

void exporter_state::on(const look_soon&) {
  if (looks() && !look_until_) // otherwise the next look is set when this one is over
    alarm_.set(self_, next_look());
}

void exporter_state::on(const reconfigure& message) {
  const auto looked = looks();
  options_.config = *message.config;
  known_.interval = options_.config.metrics_interval;
  if (!looks()) {
    if (metrics_)
      metrics_->hide();
    return hide();
  }
  if (!looked && !metrics_)
    guarded([this] { metrics_.emplace(options_.registry, known_.pool); });
  last_look_.reset(); // what changed is seen at once
  if (!look_until_)
    alarm_.set(self_, next_look());
}

void exporter_state::on(const tick& message) {
  if (!alarm_.rings(message))
    return;
  if (look_until_)
    return now() < *look_until_ ? alarm_.set(self_, *look_until_) : end_look();
  if (!looks())
    return;
  if (const auto next = next_look(); next > now())
    return alarm_.set(self_, next);
  look();
}

/// The registry may be somebody else's, and refuse a family of a name that means another thing
/// there. That is no reason to end the pool, and will be no better at the next look.
template <class F>
void exporter_state::guarded(F&& use_registry) {
  try {
    use_registry();
  } catch (const std::exception& problem) {
    options_.log(log_level::error, "pool=" + quoted(known_.pool)
                                     + " event=metrics_given_up cause=" + quoted(problem.what()));
    metrics_.reset();
  }
}

instant exporter_state::next_look() const {
  if (!last_look_)
    return now();
  const auto usual = options_.config.metrics_interval;
  const auto due
    = options_.shown->is_watched() ? std::min<duration>(usual, board::watched_interval) : usual;
  return std::max(*last_look_ + due, now());
}

// -- a look --------------------------------------------------------------------------------------

void exporter_state::look() {
  // First, so that a look which ends its actor is not repeated at once.
  last_look_ = now();
  pass(options_.may_fail, name);
  const auto pool = caf::actor_cast<caf::strong_actor_ptr>(pool_);
  if (!pool) // it is being ended, and so are we
    return;
  pool_answered_ = false;
  look_until_ = *last_look_ + patience;
  ask_pool(caf::actor_cast<pool_supervisor_actor>(pool));
  if (const auto supervisor = caf::actor_cast<caf::strong_actor_ptr>(supervisor_))
    ask<parts_view>(of_parts, caf::actor_cast<supervisor_actor>(supervisor), get_parts_view{});
  // At the next look already, if that is sooner: then it is the only one of this look.
  alarm_.set(self_, std::min(next_look(), *look_until_));
}

void exporter_state::ask_pool(const pool_supervisor_actor& pool) {
  ask<pool_view>(of_pool, pool, get_view{});
  ask<health_report>(of_health, pool, get_health{});
  ask<breaker_figures>(of_breaker, pool, get_breaker{breaker_scope::establishing});
  ask<leaks_report>(of_leaks, pool, get_leaks{});
}

template <class Answer, class Handle, class Message>
void exporter_state::ask(question what, const Handle& whom, Message message) {
  auto& asked = asked_[what];
  if (!asked.is_due(*last_look_))
    return;
  ++asked.unanswered;
  asked.last = *last_look_;
  self_->request(whom, caf::infinite, std::move(message))
    .then(
      [this, what](Answer& answer) {
        keep(answer);
        answered(what);
      },
      [this, what](const caf::error&) { answered(what); });
}

void exporter_state::keep(pool_view& view) {
  known_.view = std::move(view);
  pool_answered_ = true;
}

void exporter_state::keep(health_report& report) {
  known_.health = std::move(report);
}

void exporter_state::keep(breaker_figures& figures) {
  known_.establishing_breaker = figures;
}

void exporter_state::keep(leaks_report& report) {
  known_.leaks = std::move(report);
}

void exporter_state::keep(parts_view& view) {
  known_.parts = std::move(view.parts);
  known_.restarts = std::move(view.restarts);
  known_.reloads = view.reloads;
}

void exporter_state::answered(question what) {
  asked_[what].unanswered = 0;
  const auto waits = [](const asking& each) { return each.unanswered > 0; };
  if (look_until_ && std::none_of(asked_.begin(), asked_.end(), waits))
    end_look();
}

void exporter_state::end_look() {
  look_until_.reset();
  pass(options_.may_fail, name);
  if (!looks()) // not since the look began
    return;
  show();
  // After this look, however long it took: there is never more than one look at a time.
  alarm_.set(self_, next_look());
}

void exporter_state::show() {
  known_.at_unix_ms = unix_ms_now();
  known_.pool_answers = pool_answered_;
  if (metrics_)
    guarded([this] { metrics_->update(known_); });
  shown_ = std::make_shared<const pool_snapshot>(known_);
  options_.shown->put(shown_);
}

} // namespace moor::actors
