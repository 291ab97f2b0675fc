// One pool's time series in a Prometheus registry.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "moor/actors/series_set.hpp"
#include "moor/messages/operations.hpp"

namespace moor::actors {

/// A text of a backend's, fit for a label: UTF-8 without control characters, at most 128 bytes.
std::string label_value(std::string_view text);

/// What several pools have in one registry is told apart by the pool's name. Gauges are those of
/// the pools that are there: the last one of a name takes them out when it is destroyed. Counters
/// and histograms stay for a time (`most_ended_pools`), so that a later pool of that name goes on
/// from what they had. Used by one thread at a time, beside others of the same registry and scrapes
/// on any thread.
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

  /// No gauge has a value now.
  void unset_all();

  /// A counter, by the total that this pool counted so far.
  void follow(const metric& which, const label_values& of, std::uint64_t total);

  /// A histogram in seconds, by all that this pool measured so far.
  void follow(const metric& which, const label_values& of, const duration_figures& total);

  /// A counter, by what came since.
  void add(const metric& which, const label_values& of, std::uint64_t more);

  /// A histogram in seconds, by what came since.
  void add(const metric& which, const label_values& of, const duration_figures& more);

private:
  using key = series_set::key;

  prometheus::Labels labels(const metric& which, const label_values& of) const;
  /// Makes it if it is not there; with the set's mutex locked.
  template <class T, class Builder, class... Form>
  T& find(series_set::places<T>& in, Builder builder, const metric& which, const label_values& of,
          const Form&... form);
  prometheus::Counter& counter(const metric& which, const label_values& of);
  prometheus::Histogram& histogram(const metric& which, const label_values& of);

  std::shared_ptr<prometheus::Registry> registry_;
  std::string pool_;
  std::shared_ptr<series_set> set_; // shared with pools of the same name in this registry
  std::map<key, prometheus::Counter*> counters_;
  std::map<key, prometheus::Histogram*> histograms_;
  std::map<key, std::uint64_t> followed_;
  std::map<key, duration_figures> followed_times_;
};

/// What came since `before`; where a total went back, nothing.
std::uint64_t since(std::uint64_t now, std::uint64_t before) noexcept;
duration_figures since(const duration_figures& now, const duration_figures& before) noexcept;

} // namespace moor::actors
