// Metrics as monitoring reads them: Prometheus' text format 0.0.4 or OpenMetrics 1.0.0.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

namespace moor::http {

enum class metrics_format { prometheus_text, open_metrics };

/// What the value of an `Accept` header asks for (RFC 9110). OpenMetrics only if it is named and
/// wanted at least as much as text; whatever cannot be read, or asks for neither, gets text.
metrics_format wanted_format(std::string_view accept);

/// The `Content-Type` of a format.
std::string_view type_of(metrics_format format) noexcept;

std::string metrics_text(const std::vector<prometheus::MetricFamily>& families,
                         metrics_format format);

} // namespace moor::http
