#include "spec/pool_rig.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "moor/actors/connector.hpp"
#include "moor/actors/pool_supervisor.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/messages/type_ids.hpp"
#include "spec/errors.hpp"

namespace moor::test::spec {

namespace {

/// The largest pool that moor's settings allow.
constexpr std::size_t largest_pool = 10'000;

using sync_atom = caf::atom_constant<caf::atom("sync")>;

struct rig_config : caf::actor_system_config {
  rig_config() { add_message_types<caf::id_block::moor>(); }
};

caf::behavior collect(event_log* log) {
  return {
    [log](const pool_events& batch) { log->append(batch); },
    [](sync_atom answer) { return answer; },
  };
}

/// Without the pool's figures of the moment, which moor puts behind the words of the specification.
std::string text_of(const caf::error& err) {
  const auto text = err.context().match_elements<std::string>()
                      ? err.context().get_as<std::string>(0)
                      : describe(err);
  return text.substr(0, text.find(" (waited "));
}

/// What is left until `deadline`, but always a moment.
duration until(time_point deadline) {
  return std::max<duration>(deadline - std::chrono::steady_clock::now(),
                            std::chrono::milliseconds{1});
}

} // namespace

struct pool_rig::actors {
  rig_config config;
  caf::actor_system system{config};
  caf::actor collector;
  pool_supervisor_actor pool;
  std::vector<std::unique_ptr<moor::actors::part>> parts;
  std::vector<caf::actor> workers; // the actors of the parts
  /// Of each check-out; 0 leaves it to the pool's wait queue timeout.
  duration request_timeout{0};

  ~actors() {
    for (const auto& worker : workers)
      caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(collector, caf::exit_reason::user_shutdown);
  }
};

settings settings_of(const pool_options& options) {
  settings s;
  s.max_pool_size = options.max_pool_size == 0 ? largest_pool : options.max_pool_size;
  s.min_pool_size = options.min_pool_size;
  s.max_connecting = options.max_connecting;
  s.max_idle_time = options.max_idle_time;
  s.wait_queue_timeout = options.wait_queue_timeout;
  if (!options.app_name.empty())
    s.app_name = options.app_name;
  return s;
}

pool_rig::pool_rig(const pool_options& options, settings config,
                   std::shared_ptr<mongo::driver> driver, time_point deadline)
  : address_(driver->address()), deadline_(deadline), actors_(std::make_unique<actors>()) {
  auto& a = *actors_;
  // A request for which the test set no limit is bounded by the test as a whole.
  if (config.wait_queue_timeout == duration::zero())
    a.request_timeout = longest_timeout;
  a.collector = a.system.spawn([log = &log_](caf::event_based_actor*) { return collect(log); });
  moor::actors::pool_supervisor_options supervision{
    .config = config, .address = address_, .first_subscriber = a.collector};
  if (options.background_interval)
    supervision.background_interval = *options.background_interval;
  auto pool = moor::actors::make_pool_supervisor(a.system, std::move(supervision));
  auto connector = moor::actors::make_connector(
    a.system, {.config = std::move(config), .driver = std::move(driver)}, pool.address);
  a.pool = std::move(pool.address);
  caf::anon_send(a.pool, use_connector{std::move(connector.address)});
  a.parts.push_back(std::move(pool.supervised));
  a.parts.push_back(std::move(connector.supervised));
  for (const auto& part : a.parts)
    a.workers.push_back(part->start(false));
}

pool_rig::~pool_rig() = default;

void pool_rig::ready() {
  caf::anon_send(actors_->pool, server_found{});
}

void pool_rig::clear(bool interrupt_in_use) {
  caf::anon_send(actors_->pool, moor::clear{interrupt_in_use});
}

void pool_rig::close() {
  caf::anon_send(actors_->pool, close_pool{});
}

void pool_rig::settle_events() {
  caf::scoped_actor self{actors_->system};
  const auto fail = [](const caf::error& err) {
    throw test_failed("the pool does not answer: " + describe(err));
  };
  // The pool keeps events back while the log has not answered the batch before them, then sends all
  // of them at once. The first pass brings in what was sent to the pool before, and the batch under
  // way. That batch's answer goes to the pool's worker, past its inbox, from which the worker may
  // take many messages before it looks at the answer: the second pass stands behind the answer in
  // the same mailbox, and brings in all that was kept back meanwhile.
  const auto pass = [&](const auto& pool) {
    self->request(pool, until(deadline_), get_stats{}).receive([](const pool_stats&) {}, fail);
    self->request(actors_->collector, until(deadline_), sync_atom::value)
      .receive([](sync_atom) {}, fail);
  };
  pass(actors_->pool);
  pass(caf::actor_cast<pool_supervisor_actor>(actors_->workers.front()));
}

struct pool_rig::caller::implementation {
  explicit implementation(pool_rig& r) : rig(r), self(r.actors_->system) {}

  pool_rig& rig;
  caf::scoped_actor self;
};

pool_rig::caller::caller(pool_rig& rig) : impl_(std::make_unique<implementation>(rig)) {}

pool_rig::caller::~caller() = default;

lease pool_rig::caller::check_out() {
  const auto& rig = impl_->rig;
  lease granted;
  std::optional<caf::error> refused;
  acquire request{.options = {.operation = "checkOut", .timeout = rig.actors_->request_timeout}};
  impl_->self->request(rig.actors_->pool, until(rig.deadline_), std::move(request))
    .receive([&](lease& l) { granted = std::move(l); },
             [&](caf::error& err) { refused = std::move(err); });
  if (!refused)
    return granted;
  const auto code = code_of(*refused);
  if (!code)
    throw test_failed("checkOut was not answered by the test's deadline: " + describe(*refused));
  throw pool_refused({*code, text_of(*refused), rig.address_});
}

} // namespace moor::test::spec
