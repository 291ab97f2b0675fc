// One pool's time series in a Prometheus registry.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "moor/messages/operations.hpp"

namespace moor::actors {

/// Whose names a metric has: OpenTelemetry's semantic conventions for databases, with their labels,
/// or moor's own.
enum class naming : std::uint8_t { moor, open_telemetry };

/// A metric as all pools have it. Its place in memory is its identity.
struct metric {
  const char* name;
  const char* help;
  std::array<const char*, 2> labels{}; ///< beside the pool's name; null = none
  naming names = naming::moor;
};

/// Values of `metric::labels`.
using label_values = std::array<std::string, 2>;

/// A text of a backend's, fit for a label: UTF-8 without control characters, at most 128 bytes.
std::string label_value(std::string_view text);

struct gauge_set;

/// What several pools have in one registry is told apart by the pool's name. Counters and
/// histograms stay in the registry, so that a later pool of that name goes on from what they had.
/// Gauges are those of the pools that are there: the last one of a name takes them out when it is
/// destroyed. Used by one thread at a time, beside others of the same registry and scrapes on any
/// thread.
class pool_series {
public:
  /// The registry must merge families of one name, as it does by default.
  pool_series(std::shared_ptr<prometheus::Registry> registry, std::string pool);
  ~pool_series();
  pool_series(const pool_series&) = delete;
  pool_series& operator=(const pool_series&) = delete;

  /// A gauge.
  void set(const metric& which, const label_values& of, double value);

  /// A gauge that has no value now.
  void unset(const metric& which, const label_values& of);

  /// A counter, by the total that this pool counted so far.
  void follow(const metric& which, const label_values& of, std::uint64_t total);

  /// A histogram in seconds, by all that this pool measured so far.
  void follow(const metric& which, const label_values& of, const duration_figures& total);

  /// A counter, by what came since.
  void add(const metric& which, const label_values& of, std::uint64_t more);

  /// A histogram in seconds, by what came since.
  void add(const metric& which, const label_values& of, const duration_figures& more);

private:
  using key = std::pair<const metric*, label_values>;

  prometheus::Labels labels(const metric& which, const label_values& of) const;
  prometheus::Counter& counter(const metric& which, const label_values& of);
  prometheus::Histogram& histogram(const metric& which, const label_values& of);

  std::shared_ptr<prometheus::Registry> registry_;
  std::string pool_;
  std::shared_ptr<gauge_set> gauges_; // shared with pools of the same name in this registry
  std::map<key, prometheus::Counter*> counters_;
  std::map<key, prometheus::Histogram*> histograms_;
  std::map<key, std::uint64_t> followed_;
  std::map<key, duration_figures> followed_times_;
};

/// What came since `before`; where a total went back, nothing.
std::uint64_t since(std::uint64_t now, std::uint64_t before) noexcept;
duration_figures since(const duration_figures& now, const duration_figures& before) noexcept;

} // namespace moor::actors
