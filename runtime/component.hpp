// The part of a backend that is moor: named pools, each with its supervisor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include "moor/config/layers.hpp"
#include "moor/config/validate.hpp"
#include "moor/messages/actors.hpp"
#include "moor/runtime/log.hpp"

namespace prometheus {
class Registry;
}
namespace moor::mongo {
class driver;
}

namespace moor {

struct component_options {
  /// Where log lines go, from any thread; by default spdlog's logger `moor`, made if there is none.
  /// The latest component of the process also gets libmongoc's warnings here, until one is
  /// destroyed; it must not call libmongoc.
  logger log;
  /// Makes the driver of a pool; by default libmongoc's.
  std::function<std::variant<std::shared_ptr<mongo::driver>, failure>(const settings&)> make_driver;
  /// Where the metrics of all pools go; the backend serves them itself, and `http-listen` is of no
  /// effect. It must merge families of one name, as it does by default. By default the component
  /// has a registry of its own.
  std::shared_ptr<prometheus::Registry> registry = {};
};

/// Any number of named pools in one actor system. A pool that ended by itself (see
/// `spawn_supervised_pool`) is forgotten: its name is free again. Every member may be called from
/// any thread that is not one of the actor system's; those that block say so. Destroy it before the
/// actor system.
class component {
public:
  explicit component(caf::actor_system& system, component_options options = {});
  ~component(); ///< as `stop`
  component(component&&) noexcept;
  component& operator=(component&&) = delete;

  /// Validates the settings, starts a pool, and blocks until its server was seen or the initial
  /// phase of the retry settings failed; then returns the last cause and leaves no trace. The pool
  /// is put in the actor system's registry under its name. Fails with `invalid_argument` and every
  /// finding if the settings do not hold, or if the name is taken: by a pool that is not closed, or
  /// in that registry, by whomever. A pool that was closed or drained is replaced.
  ///
  /// If the settings say so (`http-listen`), metrics, health and the live page are served over HTTP
  /// from the first such pool on, and on if its start fails. That the address cannot be had is a
  /// line in the log, and no more. `from` says where each setting came from, to be shown there.
  caf::expected<pool_actor> start(const settings& config, const origins& from = {});

  /// Puts other settings into force in the pool of their name, while it is in use (see
  /// docs/configuration.md, "Reload"). If what connections are made by changed, one is established
  /// first, within the connect timeout. Blocks until the pool follows them, or they are refused and
  /// everything is as it was: `invalid_argument` with every finding, the error of that connection,
  /// `draining`, `pool_closed`, `stopped`, or `queue_full` if more than eight others wait or an
  /// attempt to connect that was given up has not ended. Several are served one after the other.
  /// Backends may send `moor::reload` to the pool instead.
  caf::expected<reload_report> reload(const settings& config, const origins& from = {});

  /// The same with settings that `load` reads, on this thread; its findings refuse them. What it
  /// throws is passed on.
  caf::expected<reload_report> reload(const std::function<resolved()>& load);

  /// Where the live page is, `http://127.0.0.1:9464/`; empty if nothing is served. Does not block.
  std::string url() const;

  /// The pool of that name, or a null handle. Does not block.
  pool_actor pool(const std::string& name = "default") const;

  /// The supervisor of the pool of that name, for operators and tests of failures; or a null
  /// handle. Does not block.
  supervisor_actor supervisor(const std::string& name = "default") const;

  /// Drains all pools at once: grants nothing new, waits for the leases out up to `deadline` (0 to
  /// `longest_timeout`; what is beyond counts as the nearer of the two), cuts off the others,
  /// closes every connection. Blocks until then; the sums of all pools.
  drained drain(duration deadline);

  /// Ends all pools now: what still waits is answered with an error, and a `start` under way or to
  /// come with `stopped`. Blocks until the actors ended.
  void stop();

private:
  struct implementation;
  std::shared_ptr<implementation> impl_;
};

} // namespace moor
