// What is known of the commands that ran on a pool's connections, by the name of their operation.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/messages/ids.hpp"

namespace moor {

/// Upper bounds of the classes of `duration_figures`; one more class has none. For histograms in
/// seconds, from 0.0005 to 10.
inline constexpr std::array<std::chrono::microseconds, 14> duration_classes{
  std::chrono::microseconds{500},       std::chrono::microseconds{1'000},
  std::chrono::microseconds{2'500},     std::chrono::microseconds{5'000},
  std::chrono::microseconds{10'000},    std::chrono::microseconds{25'000},
  std::chrono::microseconds{50'000},    std::chrono::microseconds{100'000},
  std::chrono::microseconds{250'000},   std::chrono::microseconds{500'000},
  std::chrono::microseconds{1'000'000}, std::chrono::microseconds{2'500'000},
  std::chrono::microseconds{5'000'000}, std::chrono::microseconds{10'000'000}};

/// How long things took, since the pool began.
struct duration_figures {
  std::uint64_t count = 0;
  duration total{0};
  duration longest{0};
  /// Those up to `duration_classes[i]` and in no class before.
  std::array<std::uint64_t, duration_classes.size() + 1> classes{};

  void add(duration took) noexcept {
    ++count;
    total += took;
    longest = std::max(longest, took);
    const auto* at = std::lower_bound(duration_classes.begin(), duration_classes.end(), took);
    ++classes[static_cast<std::size_t>(at - duration_classes.begin())];
  }
};

/// The commands of one operation, since the pool began.
struct operation_figures {
  std::string operation; ///< as requests named it; "(others)" for those beyond the limit of names
  duration_figures succeeded; ///< what the server answered well
  duration_figures failed;    ///< what the server or the network failed
  std::uint64_t slow = 0;     ///< of both: took longer than their threshold

  std::uint64_t count() const noexcept { return succeeded.count + failed.count; }
  duration total() const noexcept { return succeeded.total + failed.total; }
  duration longest() const noexcept { return std::max(succeeded.longest, failed.longest); }
};

/// Asks for the operations that took the most time in all; answered with `operations_report`.
struct get_operations {
  std::uint64_t most = 20; ///< at most so many
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

struct slow_command_note {
  slow_command what;
  std::int64_t at_unix_ms = 0;
};

struct operations_report {
  std::vector<operation_figures> operations;  ///< by total time, the longest first
  std::uint64_t slow_lines_suppressed = 0;    ///< slow commands that were counted but not logged
  std::vector<slow_command_note> latest_slow; ///< of those logged; at most 25, the newest last
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, duration_figures& x) {
  return f(x.count, x.total, x.longest, x.classes);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, operation_figures& x) {
  return f(x.operation, x.succeeded, x.failed, x.slow);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slow_command& x) {
  return f(x.operation, x.command, x.database, x.collection, x.shape, x.server, x.took, x.threshold,
           x.failed, x.connection, x.suppressed);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slow_command_note& x) {
  return f(x.what, x.at_unix_ms);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_operations& x) {
  return f(x.most);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, operations_report& x) {
  return f(x.operations, x.slow_lines_suppressed, x.latest_slow);
}

} // namespace moor
