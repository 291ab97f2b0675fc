// One file of the test format, read and checked.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "moor/messages/events.hpp"
#include "spec/server_version.hpp"

namespace moor::test::spec {

/// Keeps the order of keys, which matters in commands.
using json = nlohmann::ordered_json;
using milliseconds = std::chrono::milliseconds;

enum class test_style : std::uint8_t { unit, integration };

struct start_thread {
  std::string target;
};
struct wait_some_time {
  milliseconds time;
};
struct wait_for_thread {
  std::string target;
};
struct wait_for_event {
  event_type event;
  std::size_t count;                   ///< since the start of the test
  std::optional<milliseconds> timeout; ///< the test's own deadline if absent
};
struct check_out {
  std::string label; ///< empty if the connection is not spoken of again
};
struct check_in {
  std::string label;
};
struct clear_pool {
  bool interrupt_in_use = false;
};
struct close_the_pool {};
struct ready_pool {};

struct operation {
  std::string thread; ///< empty for the main thread
  std::variant<start_thread, wait_some_time, wait_for_thread, wait_for_event, check_out, check_in,
               clear_pool, close_the_pool, ready_pool>
    what;
};

/// `poolOptions`; the defaults are those of the specification.
struct pool_options {
  std::size_t max_pool_size = 100; ///< 0 = no limit
  std::size_t min_pool_size = 0;
  std::size_t max_connecting = 2;
  milliseconds max_idle_time{0};
  milliseconds wait_queue_timeout{0}; ///< 0 = no limit
  /// Between background runs; negative = none at all; absent = the pool's own choice.
  std::optional<milliseconds> background_interval;
  std::string app_name;
};

/// An element of `runOn`; both bounds are inclusive.
struct version_range {
  std::optional<server_version> least;
  std::optional<server_version> most;
};

struct test_file {
  test_style style = test_style::unit;
  std::string description;
  pool_options options;
  std::vector<operation> operations;
  std::optional<json> error; ///< what the main thread must throw
  std::vector<json> events;  ///< what must come, in this order
  std::vector<event_type> ignore;
  std::vector<version_range> run_on; ///< one must hold; empty = any server
  std::optional<json> fail_point;    ///< a `configureFailPoint` command
};

} // namespace moor::test::spec
