// OpenMetrics 1.0.0, which prometheus-cpp does not write.
#pragma once

#include <string>
#include <vector>

#include <prometheus/metric_family.h>

namespace moor::http {

/// The families in the text format of OpenMetrics, with its end mark. The samples of a counter end
/// in `_total`, and its family's name does not, whatever its name was.
std::string open_metrics_text(const std::vector<prometheus::MetricFamily>& families);

} // namespace moor::http
