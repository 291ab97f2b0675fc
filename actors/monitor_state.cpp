#include "moor/actors/monitor_state.hpp"

#include <chrono>
#include <system_error>
#include <utility>

#include <caf/actor_system.hpp>

#include "moor/actors/borrowers.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/port.hpp"

namespace moor::actors {

namespace {

/// A point of the monotonic clock, seen `now`, on the wall clock.
std::int64_t unix_ms(instant when, instant now) {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch() - (now - when)).count();
}

health_change as_message(const machines::announce_health& e, instant now) {
  return {e.from, e.to, e.causes, unix_ms(e.at, now)};
}

} // namespace

monitor_state::monitor_state(caf::actor_system& system, monitor_options options,
                             caf::weak_actor_ptr address, caf::weak_actor_ptr pool,
                             std::shared_ptr<inbox> box)
  : system_(system),
    options_(std::move(options)),
    address_(std::move(address)),
    pool_(std::move(pool)),
    box_(std::move(box)),
    publisher_(options_.config.name),
    lines_(options_.config.name, options_.log) {}

monitor_state::~monitor_state() {
  const auto why = make_error(errc::stopped);
  box_->close(why);
  end(why);
}

void monitor_state::take_over(self_ptr self, bool in_the_middle) {
  self_ = self;
  alarm_.reset();
  publisher_.reset();
  if (!machine_)
    machine_.emplace(options_.config, now());
  if (in_the_middle) // the news of a death may have died with the last actor
    for (const auto& [id, l] : links_.all())
      monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(l.actor));
  finish(); // what the last one had begun
  machine_->adopt(in_the_middle, now(), effects_.out());
  if (in_the_middle) {
    tell_note();
    tell_pool(report_to_monitor{});
  }
  finish();
}

void monitor_state::end(const caf::error&) {
  self_ = nullptr;
  links_.cut_all();
}

health_report monitor_state::report() const {
  const auto at = now();
  auto all = machine_->report(at);
  all.since_unix_ms = unix_ms(machine_->since(), at);
  all.changes = changes();
  return all;
}

std::vector<health_change> monitor_state::changes() const {
  const auto at = now();
  std::vector<health_change> all;
  for (const auto& e : machine_->changes())
    all.push_back(as_message(e, at));
  return all;
}

// -- messages ------------------------------------------------------------------------------------

void monitor_state::on(const subscribe_health& request) {
  publisher_.add(request.subscriber);
  monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(request.subscriber));
}

void monitor_state::on(const unsubscribe_health& request) {
  publisher_.remove(request.subscriber.address());
}

void monitor_state::on(const pool_news& news) {
  machine_->pool_is(news, now(), effects_.out());
  finish();
}

void monitor_state::on(const breaker_news& news) {
  machine_->breaker_is(news.breaker, news.change, now(), effects_.out());
  finish();
}

void monitor_state::on(const dialled& message) {
  auto* l = message.connection == current_ ? links_.find(current_) : nullptr;
  if (l == nullptr) // thrown away meanwhile
    return;
  if (message.why) {
    links_.close(current_);
    machine_->check_failed(*message.why, now(), effects_.out());
  } else {
    established_ = true;
    machine_->dialled(now());
    send_examine(l->actor);
  }
  finish();
}

void monitor_state::on(const examined& message) {
  if (message.connection != current_ || links_.find(current_) == nullptr)
    return;
  if (const auto* why = std::get_if<failure>(&message.what))
    machine_->check_failed(*why, now(), effects_.out());
  else
    machine_->checked(std::get<server_view>(message.what), now(), effects_.out());
  finish();
}

void monitor_state::on(const reconfigure& message) {
  options_.config = *message.config;
  options_.driver = message.driver;
  const auto rotated = message.revision > revision_;
  revision_ = message.revision;
  machine_->reconfigure(options_.config, rotated, now(), effects_.out());
  finish();
}

void monitor_state::on(const tick& message) {
  if (!alarm_.rings(message))
    return;
  machine_->timer(now(), effects_.out());
  finish();
}

void monitor_state::on_down(const caf::actor_addr& who) {
  if (links_.find(who)) {
    links_.cut(current_);
    machine_->connection_gone(now(), effects_.out());
  }
  publisher_.remove(who);
  finish();
}

// -- the machine ---------------------------------------------------------------------------------

void monitor_state::finish() {
  effects_.carry_out(options_.may_fail, name, [this](const auto& what) { apply(what); });
  publisher_.flush(self_);
  alarm_.set(self_, machine_->next_timer());
}

void monitor_state::apply(const machines::check_server&) {
  if (const auto* l = links_.find(current_); l != nullptr && established_)
    send_examine(l->actor);
  else if (l == nullptr)
    start_dialling();
}

void monitor_state::start_dialling() {
  auto handle = options_.driver->make_connection();
  established_ = false;
  try {
    auto actor = spawn_connection(system_, options_.threads, ++current_, handle);
    monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(actor));
    links_.add(current_, {actor, std::move(handle), {}});
    send_as(address_, actor, dial{}, context());
  } catch (const std::system_error&) { // no thread for it, which is not the server's fault
    machine_->check_not_made(now(), effects_.out());
  }
}

void monitor_state::send_examine(const connection_actor& to) {
  send_as(address_, to, examine{options_.config.connect_timeout}, context());
}

void monitor_state::apply(const machines::drop_connection&) {
  links_.cut(current_);
}

void monitor_state::apply(const machines::doubt_server& e) {
  tell_pool(server_doubted{e.why, e.generation});
}

void monitor_state::apply(const machines::ask_pool&) {
  tell_pool(report_to_monitor{});
}

void monitor_state::apply(const machines::announce_health& e) {
  const auto what = as_message(e, now());
  lines_.changed(what, now());
  publisher_.push(what);
  tell_note();
}

void monitor_state::tell_note() {
  if (machine_->changes().empty())
    return;
  auto history = std::make_shared<const std::vector<health_change>>(changes());
  const auto& causes = history->back().causes;
  tell_pool(health_note{machine_->state(),
                        machine_->since(),
                        causes.empty() ? std::string{} : causes.front(),
                        {std::move(history)}});
}

} // namespace moor::actors
