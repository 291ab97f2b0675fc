#include "moor/runtime/component.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/atom.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <prometheus/registry.h>

#include "moor/actors/board.hpp"
#include "moor/actors/log_fields.hpp"
#include "moor/actors/stack_trace.hpp"
#include "moor/config/policy.hpp"
#include "moor/config/validate.hpp"
#include "moor/machines/backoff.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/driver.hpp"
#include "moor/mongo/library.hpp"
#include "moor/runtime/http/endpoint.hpp"
#include "moor/runtime/reload_desk.hpp"
#include "moor/runtime/server_limit.hpp"
#include "moor/runtime/settings_change.hpp"
#include "moor/runtime/supervisor.hpp"

namespace moor {

namespace {

/// Beyond what the settings allow, for a machine that stalls.
constexpr duration grace = std::chrono::seconds{10};

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

/// Enters the actor under that name unless the name is taken. CAF keeps its own actors there
/// (`SpawnServ`, for instance), and everybody else may, too.
bool enter(caf::actor_registry& registry, const std::string& name,
           const caf::strong_actor_ptr& who) {
  const auto key = caf::atom_from_string(name);
  registry.put(key, who); // does not replace what is there
  return registry.get(key) == who;
}

/// Takes the name from the registry if it is that actor's.
void leave(caf::actor_registry& registry, const std::string& name,
           const caf::strong_actor_ptr& who) {
  const auto key = caf::atom_from_string(name);
  if (registry.get(key) == who)
    registry.erase(key);
}

caf::strong_actor_ptr address_of(const supervised_pool& pool) {
  return caf::actor_cast<caf::strong_actor_ptr>(pool.address);
}

caf::error name_is_taken(const std::string& name) {
  return make_error(errc::invalid_argument,
                    "A pool of the name " + name + " is there already; names must differ");
}

/// Logs the warnings among the findings, and leaves the errors.
void take_warnings(std::vector<finding>& findings, const logger& log) {
  std::erase_if(findings, [&](const finding& f) {
    if (f.grade == severity::warning)
      log(log_level::warning, "event=setting_warning cause=" + actors::quoted(to_string(f)));
    return f.grade == severity::warning;
  });
}

} // namespace

struct component::implementation {
  caf::actor_system& system;
  component_options options;
  bool serves = true; // unless the metrics are somebody else's
  std::shared_ptr<actors::board> board = std::make_shared<actors::board>();
  std::mutex opening = {}; // while an endpoint is being opened
  mutable std::mutex mutex = {};
  std::map<std::string, supervised_pool> pools = {}; // guarded by mutex, as all below
  bool stopped = false;
  std::unique_ptr<endpoint> visitors = {};

  /// Serves over HTTP if the settings say so and nobody does yet. Blocks on files.
  void open(const settings& config) {
    const std::lock_guard one_at_a_time{opening};
    if (config.endpoint.listen.empty() || is_open_or_stopped())
      return;
    if (!serves)
      return options.log(log_level::warning,
                         "event=endpoint_not_opened cause=\"the metrics go to a registry of the "
                         "backend's, which serves them itself\"");
    if (config.metrics_interval == duration::zero())
      return options.log(log_level::error,
                         "event=endpoint_not_opened cause=\"there is nothing to be shown with a "
                         "metrics-interval of 0\"");
    auto opened = open_endpoint({config.endpoint, board, options.registry, options.log,
                                 secret_file_problem(config, S_IROTH)});
    if (const auto* why = std::get_if<std::string>(&opened))
      return options.log(log_level::error,
                         "event=endpoint_not_opened cause=" + actors::quoted(*why));
    auto& made = std::get<std::unique_ptr<endpoint>>(opened);
    const auto url = made->url();
    {
      const std::lock_guard guard{mutex};
      if (stopped)
        return;
      visitors = std::move(made);
    }
    options.log(log_level::info, "event=endpoint_opened url=" + actors::quoted(url));
  }

  bool is_open_or_stopped() const {
    const std::lock_guard guard{mutex};
    return visitors || stopped;
  }

  /// Enters the pool under its name, or says why not.
  caf::error claim(const std::string& name, const supervised_pool& pool) {
    const std::lock_guard guard{mutex};
    if (stopped)
      return make_error(errc::stopped);
    if (pools.contains(name))
      return name_is_taken(name);
    if (!enter(system.registry(), name, address_of(pool)))
      return make_error(errc::invalid_argument,
                        "The name " + name + " is taken in the actor registry");
    pools.emplace(name, pool);
    return {};
  }

  bool is_stopped() const {
    const std::lock_guard guard{mutex};
    return stopped;
  }

  std::optional<supervised_pool> find(const std::string& name) const {
    const std::lock_guard guard{mutex};
    const auto found = pools.find(name);
    return found == pools.end() ? std::nullopt : std::optional{found->second};
  }

  std::vector<supervised_pool> all() const {
    const std::lock_guard guard{mutex};
    std::vector<supervised_pool> found;
    for (const auto& [name, pool] : pools)
      found.push_back(pool);
    return found;
  }

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

  /// The pool if there is but one.
  std::optional<supervised_pool> only_one() const {
    const std::lock_guard guard{mutex};
    return pools.size() == 1 ? std::optional{pools.begin()->second} : std::nullopt;
  }

  /// Blocks until the pool of that name followed or refused.
  caf::expected<reload_report> reload(moor::reload order) {
    const auto& config = *order.config;
    caf::scoped_actor self{system};
    auto pool = find(config.name);
    server_limit_verdict limits;
    if (!pool) {
      // With a mistake in the settings the name may not be the one that was meant.
      order.refusal = refused(has_errors(order.findings)
                                ? in_words(order.findings)
                                : "There is no pool of the name " + printable(config.name)
                                    + "; another name needs a restart");
      pool = only_one(); // which logs and counts it: no other can have been meant
    } else if (!has_errors(order.findings)) {
      limits = judge_growth(self, caf::actor_cast<pool_actor>(pool->address), config);
      if (!limits.problem.empty())
        order.refusal = refused(limits.problem);
    }
    if (!pool) {
      options.log(log_level::error,
                  "pool=" + actors::quoted(config.name)
                    + " event=reload_refused cause=" + actors::quoted(order.refusal->text));
      return make_error(*order.refusal);
    }
    // Those that come first may take as long, each of them. Nobody has judged the timeout yet.
    const auto each = std::clamp(config.connect_timeout, duration::zero(), longest_timeout) + grace;
    const auto limit = std::min<duration>(longest_timeout, each * (reload_desk::most_waiting + 2));
    caf::expected<reload_report> got{make_error(errc::stopped)};
    self->request(pool->address, limit, std::move(order))
      .receive([&](reload_report& report) { got = std::move(report); },
               [&](caf::error& err) { got = std::move(err); });
    if (got && !limits.unknown.empty())
      got->warnings.push_back(limits.unknown);
    return got;
  }

  void forget(const std::string& name, const supervisor_actor& which) {
    supervised_pool last; // its handles go away outside of the lock
    const std::lock_guard guard{mutex};
    const auto found = pools.find(name);
    if (found == pools.end() || found->second.supervisor != which)
      return;
    last = std::move(found->second);
    pools.erase(found);
    leave(system.registry(), name, address_of(last));
  }

  /// Ends the pool of that name if it was closed, by `drain` or by a backend: nobody can use it.
  void remove_closed(const std::string& name) {
    const auto pool = find(name);
    if (!pool)
      return;
    caf::scoped_actor self{system};
    bool closed = false;
    self->request(pool->address, grace, get_stats{})
      .receive([&](const pool_stats& now) { closed = now.phase == pool_phase::closed; },
               [](const caf::error&) {});
    if (!closed)
      return;
    forget(name, pool->supervisor);
    end({*pool});
  }

  static void forget_when_ended(const std::shared_ptr<implementation>& impl,
                                const std::string& name, const supervisor_actor& which) {
    which->attach_functor([weak = std::weak_ptr{impl}, name, address = which.address()] {
      const auto supervisor = caf::actor_cast<supervisor_actor>(address);
      if (const auto alive = weak.lock(); alive && supervisor)
        alive->forget(name, supervisor);
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
  impl_->open(config);
  impl_->remove_closed(config.name);
  if (impl_->find(config.name)) // its parts would get into the way of those that are there
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
  if (auto refused = impl_->claim(config.name, pool)) {
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
    impl_->forget(config.name, pool.supervisor);
    impl_->end({pool});
    return impl_->is_stopped() ? make_error(errc::stopped) : failed;
  }
  return caf::actor_cast<pool_actor>(pool.address);
}

pool_actor component::pool(const std::string& name) const {
  const auto found = impl_->find(name);
  return found ? caf::actor_cast<pool_actor>(found->address) : pool_actor{};
}

supervisor_actor component::supervisor(const std::string& name) const {
  const auto found = impl_->find(name);
  return found ? found->supervisor : supervisor_actor{};
}

caf::expected<reload_report> component::reload(const settings& config, const origins& from) {
  return impl_->reload({.config = std::make_shared<const settings>(config), .from = from});
}

caf::expected<reload_report> component::reload(const std::function<resolved()>& load) {
  auto read = load();
  return impl_->reload({.config = std::make_shared<const settings>(std::move(read.value)),
                        .from = std::move(read.from),
                        .findings = std::move(read.findings)});
}

std::string component::url() const {
  const std::lock_guard guard{impl_->mutex};
  return impl_->visitors ? impl_->visitors->url() : std::string{};
}

drained component::drain(duration deadline) {
  deadline = std::clamp(deadline, duration::zero(), longest_timeout);
  caf::scoped_actor self{impl_->system};
  const auto ask = [&](const supervised_pool& pool) {
    return self->request(pool.address, deadline + grace, moor::drain{deadline});
  };
  const auto pools = impl_->all();
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
        impl_->options.log(log_level::warning, "event=drain_failed cause=\"" + describe(err) + '"');
      });
  return sum;
}

void component::stop() {
  std::map<std::string, supervised_pool> pools;
  std::unique_ptr<endpoint> visitors;
  {
    const std::lock_guard guard{impl_->mutex};
    impl_->stopped = true;
    pools.swap(impl_->pools);
    visitors.swap(impl_->visitors);
  }
  visitors.reset(); // ends all visits
  std::vector<supervised_pool> all;
  for (const auto& [name, pool] : pools) {
    leave(impl_->system.registry(), name, address_of(pool));
    all.push_back(pool);
  }
  impl_->end(all);
}

} // namespace moor
