#include "moor/actors/event_lines.hpp"

#include "moor/actors/log_fields.hpp"

namespace moor::actors {

namespace {

std::string_view words_of_closing(event_reason reason) {
  switch (reason) {
    case event_reason::stale: return "Connection became stale because the pool was cleared";
    case event_reason::idle:
      return "Connection has been available but unused for longer than the configured max idle "
             "time";
    case event_reason::lifetime: return "Connection was older than the configured max lifetime";
    case event_reason::error: return "An error occurred while using the connection";
    case event_reason::pool_closed: return "Connection pool was closed";
    default: return "unknown";
  }
}

std::string_view words_of_refusal(event_reason reason) {
  switch (reason) {
    case event_reason::timeout:
      return "Wait queue timeout elapsed without a connection becoming available";
    case event_reason::connection_error:
      return "An error occurred while trying to establish a new connection";
    case event_reason::pool_closed: return "Connection pool was closed";
    case event_reason::queue_full: return "The wait queue was full";
    case event_reason::borrower_gone: return "Who asked for the connection is gone";
    case event_reason::shed: return "The request was given up so that others are served";
    default: return "unknown";
  }
}

std::string options_of(const pool_event& event) {
  std::string list;
  for (const auto& [name, value] : event.options.get())
    list += (list.empty() ? "" : ", ") + name + '=' + std::to_string(value);
  return list;
}

std::string words_of(const std::string& address, const pool_event& e) {
  const auto with_id
    = ": address=" + address + ", driver-generated ID=" + std::to_string(e.connection);
  const auto ms = milliseconds(e.took) + " ms";
  switch (e.type) {
    case event_type::pool_created:
      return "Connection pool created for " + address + " using options " + options_of(e);
    case event_type::pool_ready: return "Connection pool ready for " + address;
    case event_type::pool_cleared: return "Connection pool for " + address + " cleared";
    case event_type::pool_closed: return "Connection pool closed for " + address;
    case event_type::connection_created: return "Connection created" + with_id;
    case event_type::connection_ready:
      return "Connection ready" + with_id + ", established in=" + ms;
    case event_type::connection_closed:
      return "Connection closed" + with_id + ". Reason: " + std::string{words_of_closing(e.reason)};
    case event_type::check_out_started: return "Checkout started for connection to " + address;
    case event_type::check_out_failed:
      return "Checkout failed for connection to " + address
             + ". Reason: " + std::string{words_of_refusal(e.reason)} + ". Duration: " + ms;
    case event_type::checked_out: return "Connection checked out" + with_id + ", duration=" + ms;
    case event_type::checked_in: return "Connection checked in" + with_id;
    case event_type::breaker_changed:
      return "Circuit breaker over " + std::string{to_string(e.scope)} + " changed to "
             + std::string{to_string(e.state)};
  }
  return "unknown";
}

} // namespace

std::string line_about(const std::string& pool, const std::string& address,
                       const pool_event& event) {
  std::string line = "pool=" + quoted(pool) + " event=" + std::string{to_string(event.type)}
                     + " message=" + quoted(words_of(address, event));
  const auto add = [&line](const char* name, std::uint64_t number) {
    if (number != 0)
      line += std::string{' '} + name + '=' + std::to_string(number);
  };
  add("driverConnectionId", event.connection);
  add("request", event.request);
  add("lease", event.lease);
  if (event.reason != event_reason::none)
    line += " reason=" + std::string{to_string(event.reason)};
  if (!event.cause->empty())
    line += " cause=" + quoted(event.cause.get());
  return line + " generation=" + std::to_string(event.generation);
}

} // namespace moor::actors
