#include "moor/actors/trial.hpp"

#include <exception>
#include <string>
#include <thread>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "moor/actors/part.hpp"
#include "moor/messages/actors.hpp"
#include "moor/mongo/port.hpp"

namespace moor::actors {

namespace {

using driver_ptr = std::shared_ptr<mongo::driver>;

/// A driver of the wanted settings, for the servers in force.
std::variant<driver_ptr, failure> make_driver(const trial_options& options, bool& other_servers) {
  auto made = options.make_driver(*options.wanted);
  const auto* driver = std::get_if<driver_ptr>(&made);
  if (driver == nullptr || (*driver)->address() == options.driver->address())
    return made;
  other_servers = true;
  auto config = *options.wanted;
  config.uri = options.in_force->uri;
  return options.make_driver(config);
}

settings_tried carry_out(const trial_options& options) {
  settings_tried result;
  result.number = options.number;
  auto made = make_driver(options, result.other_servers);
  if (auto* why = std::get_if<failure>(&made)) {
    result.why = std::move(*why);
    return result;
  }
  auto& driver = std::get<driver_ptr>(made);
  result.other_driver = !driver->is_same_as(*options.driver);
  if (!result.other_driver) {
    result.driver = options.driver;
    return result;
  }
  const auto connection = driver->make_connection();
  result.while_connecting = true;
  if (!options.line->begin(connection))
    result.why = failure_of(errc::stopped);
  else if (auto why = connection->establish())
    result.why = *std::move(why);
  else
    result.driver = std::move(driver);
  return result;
}

settings_tried failed(const trial_options& options, std::string why) {
  settings_tried result;
  result.number = options.number;
  result.why = failure_of(errc::connect_failed, std::move(why));
  return result;
}

settings_tried carry_out_safely(const trial_options& options) {
  try {
    return carry_out(options);
  } catch (const std::exception& problem) {
    return failed(options, problem.what());
  } catch (...) {
    return failed(options, "an exception of unknown type");
  }
}

caf::behavior trial_behavior(caf::event_based_actor* self, const trial_options& options) {
  self->set_exception_handler([](std::exception_ptr& what) { return error_of(what); });
  return {[self, options](try_settings) {
    auto result = carry_out_safely(options);
    caf::anon_send(caf::actor_cast<caf::actor>(self->current_sender()), std::move(result));
    self->quit();
  }};
}

} // namespace

bool trial_line::begin(const std::shared_ptr<mongo::connection>& with) {
  const std::lock_guard guard{mutex_};
  connection_ = with;
  return !cut_;
}

void trial_line::cut() noexcept {
  const std::lock_guard guard{mutex_};
  cut_ = true;
  if (const auto connection = connection_.lock())
    connection->interrupt();
}

caf::actor spawn_trial(caf::actor_system& system, connection_threads threads,
                       trial_options options) {
  if (threads == connection_threads::scheduled)
    return system.spawn(trial_behavior, std::move(options));
  std::thread{[] {}}.join(); // see spawn_connection
  return system.spawn<caf::detached>(trial_behavior, std::move(options));
}

} // namespace moor::actors
