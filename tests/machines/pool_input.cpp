#include "machines/pool_input.hpp"

#include <array>
#include <chrono>
#include <string_view>

namespace moor::test {

namespace {

constexpr std::array<std::string_view, 18> names{
  "check_out",      "check_in",     "warm",       "established", "establishing_failed",
  "check_passed",   "check_failed", "lost",       "closed",      "withdraw",
  "ready",          "clear",        "close",      "drain",       "expire",
  "run_background", "set_degraded", "reconfigure"};

constexpr std::array<std::string_view, 3> reaches{"nothing", "the connection", "the generation"};

std::string milliseconds(instant at) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch());
  return std::to_string(since.count()) + " ms";
}

void append(std::string& text, std::string_view label, std::uint64_t number) {
  if (number != 0)
    text += ", " + std::string{label} + " " + std::to_string(number);
}

} // namespace

void feed(machines::pool& pool, const pool_input& in, machines::pool_effects& out) {
  switch (in.kind) {
    case input_kind::check_out:
      return pool.check_out(in.request, in.level, in.read_only, in.deadline, in.now, out);
    case input_kind::check_in: pool.check_in(in.lease, in.why, in.now, out); return;
    case input_kind::warm: return pool.warm(in.request, in.count, in.deadline, in.now, out);
    case input_kind::established:
      return pool.established(in.connection, in.draw, in.read_only, in.now, out);
    case input_kind::establishing_failed:
      return pool.establishing_failed(in.connection, in.why.value(), in.now, out);
    case input_kind::check_passed: return pool.check_passed(in.connection, in.now, out);
    case input_kind::check_failed:
      return pool.check_failed(in.connection, in.why.value(), in.now, out);
    case input_kind::lost: return pool.lost(in.connection, in.why.value(), in.now, out);
    case input_kind::closed: return pool.closed(in.connection, in.now, out);
    case input_kind::withdraw: return pool.withdraw(in.request, in.now, out);
    case input_kind::ready: return pool.ready(in.read_only, in.now, out);
    case input_kind::clear: return pool.clear(in.interrupt, in.why, in.now, out);
    case input_kind::close: return pool.close(in.now, out);
    case input_kind::drain: return pool.drain(in.request, in.deadline, in.now, out);
    case input_kind::expire: return pool.expire(in.now, out);
    case input_kind::run_background: return pool.run_background(in.now, out);
    case input_kind::set_degraded: return pool.set_degraded(in.level_of_service, in.now, out);
    case input_kind::reconfigure: return pool.reconfigure(in.config, in.rotated, in.now, out);
  }
}

std::string to_string(const pool_input& in) {
  std::string text{names.at(static_cast<std::size_t>(in.kind))};
  text += " at " + milliseconds(in.now);
  append(text, "request", in.request);
  append(text, "connection", in.connection);
  append(text, "lease", in.lease);
  append(text, "count", in.count);
  if (in.deadline != no_deadline)
    text += ", deadline " + milliseconds(in.deadline);
  if (in.read_only)
    text += ", read-only";
  if (in.interrupt)
    text += ", interrupting";
  if (in.level_of_service == degradation::degraded)
    text += ", degraded";
  if (in.kind == input_kind::reconfigure)
    text += ", max " + std::to_string(in.config.max_pool_size) + ", min "
            + std::to_string(in.config.min_pool_size) + ", connecting "
            + std::to_string(in.config.max_connecting) + ", queue "
            + std::to_string(in.config.wait_queue_limit) + (in.rotated ? ", rotated" : "");
  if (in.why)
    text += ", spoiling " + std::string{reaches.at(static_cast<std::size_t>(in.why->reach))};
  return text;
}

} // namespace moor::test
