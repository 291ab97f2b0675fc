// What the pools of one name have in one registry, and how long it stays there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

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

/// The series of all pools of one name in one registry, which are the same ones. The registry
/// destroys what is taken out of it: gauges at any time, so that whoever writes one looks here each
/// time; counters and histograms only when no pool of the name is there.
struct series_set {
  using key = std::pair<const metric*, label_values>;
  template <class T>
  struct place {
    prometheus::Family<T>* family;
    T* series;
  };
  template <class T>
  using places = std::map<key, place<T>>;

  std::mutex mutex;
  places<prometheus::Gauge> gauges; // guarded by mutex, as the next two
  places<prometheus::Counter> counters;
  places<prometheus::Histogram> histograms;
  std::size_t users = 0; // pools that are there; for `join_series` and `leave_series` alone
};

/// A registry keeps the counters and histograms of so many pools that ended, the latest ones: one
/// that begins again under such a name goes on from them. (docs/decisions/0017)
inline constexpr std::size_t most_ended_pools = 32;

/// A pool of that name begins. The registry must live until it leaves. Any thread.
std::shared_ptr<series_set> join_series(const std::shared_ptr<prometheus::Registry>& registry,
                                        const std::string& pool);

/// It ended. If it was the last of its name, its gauges leave the registry, and with them all that
/// is left of the pool that ended before `most_ended_pools` others. Any thread.
void leave_series(const std::shared_ptr<prometheus::Registry>& registry, const std::string& pool);

} // namespace moor::actors
