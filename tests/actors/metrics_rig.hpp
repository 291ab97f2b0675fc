// What a scrape of a registry shows, and a snapshot in which everything has a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <prometheus/labels.h>
#include <prometheus/registry.h>

#include "moor/messages/figures.hpp"

namespace moor::test {

/// In the format that Prometheus reads.
std::string scrape(const prometheus::Registry& registry);

/// A gauge's or counter's value, or a histogram's count; nothing if there is no such series.
/// `labels` must be all of its labels.
std::optional<double> value_of(const prometheus::Registry& registry, const std::string& metric,
                               const prometheus::Labels& labels);

/// Series of that metric.
std::size_t series_of(const prometheus::Registry& registry, const std::string& metric);

duration_figures times(std::uint64_t count, duration each);

/// A busy pool of which everything is known.
pool_snapshot full_snapshot(std::string pool);

} // namespace moor::test
