#include "spec/observed.hpp"

#include <chrono>

namespace moor::test::spec {

namespace {

std::string type_of(errc code) {
  switch (code) {
    case errc::wait_queue_timeout: return "WaitQueueTimeoutError";
    case errc::pool_closed: return "PoolClosedError";
    case errc::pool_cleared: return "PoolClearedError";
    default: return std::string{to_string(code)};
  }
}

bool has_duration(event_type type) {
  return type == event_type::connection_ready || type == event_type::checked_out
         || type == event_type::check_out_failed;
}

json options_of(const pool_event& event) {
  auto options = json::object();
  for (const auto& [name, value] : event.options.get())
    options[name] = value;
  return options;
}

} // namespace

json to_json(const pool_error& error) {
  return {{"type", type_of(error.code)}, {"message", error.message}, {"address", error.address}};
}

json to_json(const pool_event& event, const std::string& address) {
  json object{{"type", to_string(event.type)}, {"address", address}};
  if (event.connection != 0)
    object["connectionId"] = event.connection;
  if (event.reason != event_reason::none)
    object["reason"] = to_string(event.reason);
  if (has_duration(event.type))
    object["duration"] = std::chrono::duration<double, std::milli>{event.took}.count();
  if (event.type == event_type::pool_created)
    object["options"] = options_of(event);
  if (event.type == event_type::pool_cleared)
    object["interruptInUseConnections"] = event.interrupt_in_use;
  return object;
}

} // namespace moor::test::spec
