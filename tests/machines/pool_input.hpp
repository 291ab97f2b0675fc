// One event that a pool machine is told of, as a value: chosen at random, handed to the pool and to
// the model, and printed when a rule was broken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "moor/machines/pool.hpp"

namespace moor::test {

enum class input_kind : std::uint8_t {
  check_out,
  check_in,
  warm,
  established,
  establishing_failed,
  check_passed,
  check_failed,
  lost,
  closed,
  withdraw,
  ready,
  clear,
  close,
  drain,
  expire,
  run_background,
  set_degraded,
  reconfigure,
};

/// The arguments of the machine's function of that name; the others keep their defaults.
struct pool_input {
  input_kind kind = input_kind::expire;
  instant now{};
  request_id request = 0;
  priority level = priority::normal;
  instant deadline = no_deadline;
  std::uint64_t count = 0;
  connection_id connection = 0;
  lease_id lease = 0;
  double draw = 0;
  bool read_only = false;
  bool interrupt = false;
  degradation level_of_service = degradation::none;
  std::optional<failure> why = std::nullopt;
  settings config = {};
  bool rotated = false;
};

/// Calls the machine's function.
void feed(machines::pool& pool, const pool_input& in, machines::pool_effects& out);

/// "check_in lease 3, spoils connection" and the like, with the time in milliseconds.
std::string to_string(const pool_input& in);

} // namespace moor::test
