// What is known of the commands that ran on a pool's connections, by the name of their operation.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/messages/ids.hpp"

namespace moor {

/// Upper bounds of the classes of `operation_figures::classes`; one more class has none.
inline constexpr std::array<std::chrono::milliseconds, 15> duration_classes{
  std::chrono::milliseconds{1},     std::chrono::milliseconds{2},
  std::chrono::milliseconds{5},     std::chrono::milliseconds{10},
  std::chrono::milliseconds{20},    std::chrono::milliseconds{50},
  std::chrono::milliseconds{100},   std::chrono::milliseconds{200},
  std::chrono::milliseconds{500},   std::chrono::milliseconds{1000},
  std::chrono::milliseconds{2000},  std::chrono::milliseconds{5000},
  std::chrono::milliseconds{10000}, std::chrono::milliseconds{20000},
  std::chrono::milliseconds{60000}};

/// The commands of one operation, since the pool began.
struct operation_figures {
  std::string operation; ///< as requests named it; "(others)" for those beyond the limit of names
  std::uint64_t count = 0;
  std::uint64_t errors = 0; ///< of `count`: the server or the network failed them
  std::uint64_t slow = 0;   ///< of `count`: took longer than their threshold
  duration total{0};
  duration longest{0};
  /// Commands by duration: those up to `duration_classes[i]` and in no class before.
  std::vector<std::uint64_t> classes = std::vector<std::uint64_t>(duration_classes.size() + 1);
};

/// Asks for the operations that took the most time in all; answered with `operations_report`.
struct get_operations {
  std::uint64_t most = 20; ///< at most so many
};
struct operations_report {
  std::vector<operation_figures> operations; ///< by total time, the longest first
  std::uint64_t slow_lines_suppressed = 0;   ///< slow commands that were counted but not logged
};

/// A command that took longer than its threshold.
struct slow_command {
  std::string operation;
  std::string command; ///< its name, `find` for instance
  std::string database;
  std::string collection; ///< empty if it is on none
  std::string shape;      ///< field names only, never values
  std::string server;     ///< host and port
  duration took{0};
  duration threshold{0};
  bool failed = false;
  connection_id connection = 0;
  std::uint64_t suppressed = 0; ///< not told since the last one that was
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, operation_figures& x) {
  return f(x.operation, x.count, x.errors, x.slow, x.total, x.longest, x.classes);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_operations& x) {
  return f(x.most);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, operations_report& x) {
  return f(x.operations, x.slow_lines_suppressed);
}

} // namespace moor
