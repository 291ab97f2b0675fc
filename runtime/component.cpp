#include "moor/runtime/component.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <prometheus/registry.h>

#include "moor/actors/board.hpp"
#include "moor/actors/log_fields.hpp"
#include "moor/actors/stack_trace.hpp"
#include "moor/config/validate.hpp"
#include "moor/machines/backoff.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/driver.hpp"
#include "moor/mongo/library.hpp"
#include "moor/runtime/component_reload.hpp"
#include "moor/runtime/grace.hpp"
#include "moor/runtime/pool_directory.hpp"
#include "moor/runtime/server_limit.hpp"
#include "moor/runtime/settings_change.hpp"
#include "moor/runtime/shared_endpoint.hpp"
#include "moor/runtime/supervisor.hpp"

namespace moor {

namespace {

/// No initial phase lasts longer: every attempt fails at its timeout, every delay is the longest.
duration longest_start(const settings& s) {
  auto sum = grace;
  for (std::uint32_t i = 1; i <= s.retry.attempts; ++i)
    sum += s.connect_timeout + std::chrono::seconds{1} + machines::backoff_delay(s.retry, i, 1.0);
  return sum;
}

/// libmongoc has one log for the whole process: the latest component takes it.
void take_driver_log(logger log) {
  mongo::set_log_sink(
    [log = std::move(log)](mongo::log_level level, std::string_view part, const std::string& text) {
      if (level <= mongo::log_level::warning)
        log(log_level::warning,
            "event=driver_warning part=" + std::string{part} + " text=\"" + text + '"');
    });
}

/// Logs the warnings among the findings, and leaves the errors.
void take_warnings(std::vector<finding>& findings, const logger& log) {
  std::erase_if(findings, [&](const finding& f) {
    if (f.grade == severity::warning)
      log(log_level::warning, "event=setting_warning cause=" + actors::quoted(in_a_line(f)));
    return f.grade == severity::warning;
  });
}

} // namespace

struct component::implementation {
  caf::actor_system& system;
  component_options options;
  bool serves = true; // unless the metrics are somebody else's
  std::shared_ptr<actors::board> board = std::make_shared<actors::board>();
  pool_directory pools{system};
  shared_endpoint visitors{board};

  /// Ends them, children first, and waits for that.
  void end(const std::vector<supervised_pool>& which) {
    caf::scoped_actor self{system};
    std::size_t left = which.size();
    for (const auto& pool : which) {
      self->monitor(pool.supervisor);
      caf::anon_send_exit(pool.supervisor, caf::exit_reason::user_shutdown);
    }
    self->receive_while([&] { return left > 0; })([&](const caf::down_msg&) { --left; },
                                                  caf::after(grace) >> [&] { left = 0; });
  }

  /// Ends the pool of that name if it was closed, by `drain` or by a backend: nobody can use it.
  void remove_closed(const std::string& name) {
    const auto pool = pools.find(name);
    if (!pool)
      return;
    caf::scoped_actor self{system};
    bool closed = false;
    self->request(pool->address, grace, get_stats{})
      .receive([&](const pool_stats& now) { closed = now.phase == pool_phase::closed; },
               [](const caf::error&) {});
    if (!closed)
      return;
    pools.forget(name, pool->supervisor);
    end({*pool});
  }

  static void forget_when_ended(const std::shared_ptr<implementation>& impl,
                                const std::string& name, const supervisor_actor& which) {
    which->attach_functor([weak = std::weak_ptr{impl}, name, address = which.address()] {
      const auto supervisor = caf::actor_cast<supervisor_actor>(address);
      if (const auto alive = weak.lock(); alive && supervisor)
        alive->pools.forget(name, supervisor);
    });
  }
};

component::component(caf::actor_system& system, component_options options)
  : impl_(new implementation{system, std::move(options)}) {
  impl_->serves = !impl_->options.registry;
  if (impl_->serves)
    impl_->options.registry = std::make_shared<prometheus::Registry>();
  if (!impl_->options.log.write)
    impl_->options.log = log_to_spdlog();
  take_driver_log(impl_->options.log);
  if (!impl_->options.make_driver)
    impl_->options.make_driver = mongo::make_driver;
}

component::component(component&&) noexcept = default;

component::~component() {
  if (!impl_)
    return;
  stop();
  mongo::set_log_sink({});
}

caf::expected<pool_actor> component::start(const settings& config, const origins& from) {
  auto findings = validate(config, from);
  take_warnings(findings, impl_->options.log);
  if (!findings.empty())
    return make_error(errc::invalid_argument, in_words(findings));
  auto driver = impl_->options.make_driver(config);
  if (const auto* why = std::get_if<failure>(&driver))
    return make_error(*why);
  if (config.leaks.stack_traces == toggle::on)
    actors::record_stack_traces();
  impl_->visitors.open(config, impl_->serves ? impl_->options.registry : nullptr,
                       impl_->options.log);
  impl_->remove_closed(config.name);
  if (impl_->pools.find(config.name)) // its parts would get into the way of those that are there
    return name_is_taken(config.name);
  const auto pool = spawn_supervised_pool(
    impl_->system, {.config = config,
                    .driver = std::get<std::shared_ptr<mongo::driver>>(driver),
                    .seed = std::random_device{}(),
                    .log = impl_->options.log,
                    .from = from,
                    .make_driver = impl_->options.make_driver,
                    .registry = impl_->options.registry,
                    .board = impl_->board});
  if (auto refused = impl_->pools.claim(config.name, pool)) {
    impl_->end({pool});
    return refused;
  }
  implementation::forget_when_ended(impl_, config.name, pool.supervisor);
  caf::scoped_actor self{impl_->system};
  caf::error failed;
  self->request(pool.address, longest_start(config), connect{})
    .receive([](const connected&) {}, [&](caf::error& err) { failed = std::move(err); });
  if (!failed) {
    const auto limits = judge_server_limit(self, caf::actor_cast<pool_actor>(pool.address), config);
    if (!limits.problem.empty())
      failed = make_error(errc::invalid_argument, limits.problem);
    if (!limits.unknown.empty())
      impl_->options.log(log_level::warning,
                         "pool=" + actors::quoted(config.name)
                           + " event=server_limit_unknown cause=" + actors::quoted(limits.unknown));
  }
  if (failed) {
    impl_->pools.forget(config.name, pool.supervisor);
    impl_->end({pool});
    return impl_->pools.is_closed() ? make_error(errc::stopped) : failed;
  }
  return caf::actor_cast<pool_actor>(pool.address);
}

pool_actor component::pool(const std::string& name) const {
  const auto found = impl_->pools.find(name);
  return found ? caf::actor_cast<pool_actor>(found->address) : pool_actor{};
}

supervisor_actor component::supervisor(const std::string& name) const {
  const auto found = impl_->pools.find(name);
  return found ? found->supervisor : supervisor_actor{};
}

caf::expected<reload_report> component::reload(const settings& config, const origins& from) {
  return reload_one(impl_->system, impl_->pools, impl_->options.log,
                    {.config = std::make_shared<const settings>(config), .from = from});
}

caf::expected<reload_report> component::reload(const std::function<resolved()>& load) {
  auto read = load();
  return reload_one(impl_->system, impl_->pools, impl_->options.log,
                    {.config = std::make_shared<const settings>(std::move(read.value)),
                     .from = std::move(read.from),
                     .findings = std::move(read.findings)});
}

std::string component::url() const {
  return impl_->visitors.url();
}

drained component::drain(duration deadline) {
  deadline = std::clamp(deadline, duration::zero(), longest_timeout);
  caf::scoped_actor self{impl_->system};
  const auto ask = [&](const supervised_pool& pool) {
    return self->request(pool.address, deadline + grace, moor::drain{deadline});
  };
  const auto pools = impl_->pools.all();
  std::vector<decltype(ask(supervised_pool{}))> answers;
  answers.reserve(pools.size());
  for (const auto& pool : pools)
    answers.push_back(ask(pool));
  drained sum;
  for (auto& answer : answers)
    answer.receive(
      [&](const drained& d) {
        sum.returned += d.returned;
        sum.cut_off += d.cut_off;
      },
      [&](const caf::error& err) {
        impl_->options.log(log_level::warning,
                           "event=drain_failed cause=" + actors::quoted(describe(err)));
      });
  return sum;
}

void component::stop() {
  const auto all = impl_->pools.close();
  impl_->visitors.close();
  impl_->end(all);
}

} // namespace moor
