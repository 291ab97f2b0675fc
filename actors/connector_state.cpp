#include "moor/actors/connector_state.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include <caf/actor_system.hpp>

#include "moor/actors/borrowers.hpp"
#include "moor/mongo/port.hpp"

namespace moor::actors {

namespace {

/// The connector's own connection, which the pool never sees.
constexpr connection_id probe_id = 0;

/// The driver bounds itself by the connect timeout; this is for one that does not.
constexpr duration grace = std::chrono::milliseconds{500};

} // namespace

connector_state::connector_state(caf::actor_system& system, connector_options options,
                                 caf::weak_actor_ptr address, caf::weak_actor_ptr pool,
                                 std::shared_ptr<inbox> box)
  : system_(system),
    options_(std::move(options)),
    address_(std::move(address)),
    pool_(std::move(pool)),
    box_(std::move(box)),
    machine_(options_.config.retry),
    gate_(breaker_scope::establishing, options_.config.breaker, system.clock().now()),
    lines_(options_.config.name, options_.log),
    random_(options_.seed) {}

connector_state::~connector_state() {
  const auto why = make_error(errc::stopped);
  box_->close(why);
  end(why);
}

void connector_state::take_over(self_ptr self, bool in_the_middle) {
  self_ = self;
  alarm_.reset();
  if (in_the_middle) // the news of a death may have died with the last actor
    for (const auto& [id, l] : dialling_.all())
      monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(l.actor));
  finish(); // what the last one had begun
  machine_.adopt(dialling_.find(probe_id) != nullptr, in_the_middle, draw(), now(), effects_.out());
  if (!starting_.empty())
    machine_.start(effects_.out());
  finish();
}

void connector_state::end(const caf::error& why) {
  self_ = nullptr;
  for (auto& t : std::exchange(starting_, {}))
    t.refuse(why);
  dialling_.cut_all();
}

// -- messages ------------------------------------------------------------------------------------

void connector_state::on(const connect&) {
  starting_.emplace_back(self_);
  if (machine_.current() == machines::connector::phase::connected)
    apply(machines::announce_found{false, machine_.read_only()});
  machine_.start(effects_.out());
  finish();
}

void connector_state::on(const establish& order) {
  start_dialling(order.connection);
  finish();
}

void connector_state::on(const abandon& order) {
  dialling_.cut(order.connection);
  gate_.abandon(order.connection, draw(), now(), breaker_changes_);
  finish();
}

void connector_state::on(const set_breaker& order) {
  gate_.set_mode(order.mode, now(), breaker_changes_);
  finish();
}

void connector_state::on(const reconfigure& message) {
  options_.config = *message.config;
  options_.driver = message.driver;
  const auto rotated = message.revision > revision_;
  revision_ = message.revision;
  gate_.reconfigure(options_.config.breaker, draw(), now(), breaker_changes_);
  if (rotated)
    gate_.end_wait(now(), breaker_changes_); // the server was seen
  machine_.reconfigure(options_.config.retry, rotated, now(), effects_.out());
  finish();
}

void connector_state::on(const pool_paused&) {
  machine_.pool_cleared(draw(), now(), effects_.out());
  finish();
}

void connector_state::on(const dialled& message) {
  if (dialling_.find(message.connection) != nullptr)
    end_dialling(message.connection, problem_of(message), message.read_only);
  finish();
}

void connector_state::on(const tick& message) {
  if (!alarm_.rings(message))
    return;
  while (const auto number = overdue_.take_over(now()))
    if (auto* l = dialling_.find(number - 1))
      l->handle->interrupt();
  machine_.timer(now(), effects_.out());
  gate_.timer(draw(), now(), breaker_changes_);
  finish();
}

void connector_state::on_down(const caf::actor_addr& who) {
  if (const auto id = dialling_.find(who))
    end_dialling(*id, failure{errc::connect_failed, spoils::connection, 0,
                              "The connection's actor died while it was being established"});
  finish();
}

// -- establishing --------------------------------------------------------------------------------

void connector_state::start_dialling(connection_id id) {
  if (dialling_.find(id) != nullptr) // ordered twice, by a pool that died meanwhile
    return;
  if (id != probe_id && !may_dial(id))
    return;
  ++counters_.attempts;
  auto handle = options_.driver->make_connection();
  try {
    auto actor = spawn_connection(system_, options_.threads, id, handle);
    monitor(address_, caf::actor_cast<caf::strong_actor_ptr>(actor));
    dialling_.add(id, {actor, std::move(handle), {}});
    overdue_.set(id + 1, now() + options_.config.connect_timeout + grace);
    send_as(address_, actor, dial{}, context());
  } catch (const std::system_error& problem) {
    end_dialling(id, failure{errc::connect_failed, spoils::connection, 0,
                             std::string{"No thread for another connection: "} + problem.what()});
  }
}

bool connector_state::may_dial(connection_id id) {
  if (const auto why = gate_.admit(id, draw(), now(), breaker_changes_)) {
    tell_pool(establishing_failed{id, *why, counters_});
    return false;
  }
  gate_.begin(id, id, now());
  return true;
}

/// A connection without a primary is of no use to a pool whose server takes writes. That it found
/// none is no more than a failed dial, which must not clear the pool (SDAM, "Error handling"):
/// whether the primary is lost, a probe tells.
std::optional<failure> connector_state::problem_of(const dialled& message) const {
  if (message.why || !message.read_only || message.connection == probe_id || machine_.read_only())
    return message.why;
  return failure{errc::no_suitable_server, spoils::connection, 0,
                 "no member of the replica set that answered takes writes"};
}

void connector_state::end_dialling(connection_id id, const std::optional<failure>& why,
                                   bool read_only) {
  overdue_.remove(id + 1);
  if (why)
    note_error(*why);
  else
    lines_.worked(now());
  if (id == probe_id)
    end_probe(why, read_only);
  else
    end_attempt(id, why, read_only);
}

void connector_state::end_probe(const std::optional<failure>& why, bool read_only) {
  dialling_.close(probe_id);
  if (why) // counts at once: it may be long until the server is found, and the next report
    tell_pool(establishing_failed{probe_id, *why, counters_});
  if (why)
    machine_.probe_failed(*why, draw(), now(), effects_.out());
  else
    machine_.probe_succeeded(read_only, draw(), now(), effects_.out());
}

void connector_state::end_attempt(connection_id id, const std::optional<failure>& why,
                                  bool read_only) {
  gate_.end(id, why, draw(), now(), breaker_changes_);
  if (why) {
    machine_.establishing_failed(*why, draw(), now(), effects_.out());
    tell_pool(establishing_failed{id, *why, counters_});
    dialling_.close(id);
  } else {
    const auto& l = *dialling_.find(id);
    machine_.establishing_succeeded();
    tell_pool(established{id, l.actor, l.handle, counters_, read_only});
    dialling_.take(id);
  }
}

void connector_state::note_error(const failure& why) {
  ++counters_.errors;
  ++counters_.by_cause[std::min(static_cast<std::size_t>(why.cause), failure_causes - 1)];
  counters_.last_error = describe(why);
  counters_.last_error_at = std::chrono::system_clock::now();
  lines_.failed(why, now());
}

// -- the machine ---------------------------------------------------------------------------------

void connector_state::finish() {
  effects_.carry_out(options_.may_fail, name, [this](const auto& what) { apply(what); });
  for (auto& change : std::exchange(breaker_changes_, {}))
    tell_pool(breaker_moved{std::move(change)});
  alarm_.set(self_, std::min({machine_.next_probe(), overdue_.next(), gate_.next_timer()}));
}

void connector_state::apply(const machines::probe&) {
  start_dialling(probe_id);
}

void connector_state::apply(const machines::announce_found& e) {
  if (e.again) {
    ++counters_.reconnections;
    gate_.end_wait(now(), breaker_changes_);
  }
  tell_pool(server_found{e.again, counters_, e.read_only});
  for (auto& t : std::exchange(starting_, {}))
    t.answer(connected{counters_.attempts}, context());
}

void connector_state::apply(const machines::announce_lost& e) {
  tell_pool(server_lost{e.why, counters_});
}

void connector_state::apply(const machines::announce_cause& e) {
  tell_pool(server_lost{e.why, counters_, true});
}

void connector_state::apply(const machines::give_up& e) {
  auto why = e.why;
  why.text
    += " (after " + std::to_string(e.attempts) + (e.attempts == 1 ? " attempt)" : " attempts)");
  for (auto& t : std::exchange(starting_, {}))
    t.refuse(make_error(why), context());
}

} // namespace moor::actors
