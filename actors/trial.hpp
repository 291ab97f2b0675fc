// Whether a server can be reached with other settings, before they come into force.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <variant>

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include "moor/actors/connection.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/errors.hpp"

namespace moor::mongo {
class connection;
class driver;
} // namespace moor::mongo

namespace moor::actors {

/// Makes the driver of a pool, or says why it cannot be made. May read files.
using driver_factory
  = std::function<std::variant<std::shared_ptr<mongo::driver>, failure>(const settings&)>;

/// The connection of a trial, for whoever loses patience. Any thread.
class trial_line {
public:
  /// False if it was cut already.
  bool begin(const std::shared_ptr<mongo::connection>& with);

  /// Makes the trial fail, now or as soon as it has a connection.
  void cut() noexcept;

private:
  std::mutex mutex_;
  std::weak_ptr<mongo::connection> connection_; // guarded by mutex_, as is the next
  bool cut_ = false;
};

struct trial_options {
  std::uint64_t number = 0; ///< of the trial, for its answer
  std::shared_ptr<const settings> wanted;
  std::shared_ptr<const settings> in_force;
  std::shared_ptr<mongo::driver> driver; ///< in force
  driver_factory make_driver;
  std::shared_ptr<trial_line> line;
};

/// Starts the actor of one trial. At `try_settings` it makes a driver of the wanted settings, but
/// with the connection string in force if they name other servers; if connections of that driver
/// differ from those in force, it establishes one, within the connect timeout, and throws it away.
/// It answers `settings_tried` and ends. Throws std::system_error if there is no thread for it.
caf::actor spawn_trial(caf::actor_system& system, connection_threads threads,
                       trial_options options);

} // namespace moor::actors
