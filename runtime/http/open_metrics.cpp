#include "moor/runtime/http/open_metrics.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace moor::http {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

constexpr std::string_view total = "_total";

/// The shortest text that reads back as the same number. Bounds and quantiles are canonical with a
/// point ("1.0"), so that they are the same label everywhere.
std::string number(double value, bool canonical = false) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string text{buffer.data(), end};
  if (canonical && text.find_first_of(".e") == std::string::npos)
    text += ".0";
  return text;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (c == '\\' || c == '"')
      result += '\\';
    result += c;
  }
  return result;
}

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::Counter: return "counter";
    case MetricType::Gauge: return "gauge";
    case MetricType::Summary: return "summary";
    case MetricType::Histogram: return "histogram";
    default: return "unknown";
  }
}

/// Writes the samples of one family.
class writer {
public:
  writer(std::string& out, std::string name) : out_{out}, name_{std::move(name)} {}

  void metric(MetricType type, const ClientMetric& what) {
    switch (type) {
      case MetricType::Counter: sample(what, total, number(what.counter.value)); break;
      case MetricType::Gauge: sample(what, "", number(what.gauge.value)); break;
      case MetricType::Summary: summary(what); break;
      case MetricType::Histogram: histogram(what); break;
      default: sample(what, "", number(what.untyped.value));
    }
  }

private:
  void sample(const ClientMetric& what, std::string_view suffix, const std::string& value,
              std::string_view extra_name = {}, const std::string& extra_value = {}) {
    std::string labels;
    const auto add = [&labels](std::string_view name, std::string_view text) {
      labels += labels.empty() ? "" : ",";
      labels.append(name).append("=\"").append(escaped(text)).append("\"");
    };
    for (const auto& label : what.label)
      add(label.name, label.value);
    if (!extra_name.empty())
      add(extra_name, extra_value);
    out_.append(name_).append(suffix);
    if (!labels.empty())
      out_.append("{").append(labels).append("}");
    out_.append(" ").append(value);
    if (what.timestamp_ms != 0)
      out_.append(" ").append(number(static_cast<double>(what.timestamp_ms) / 1000));
    out_ += '\n';
  }

  void summary(const ClientMetric& what) {
    for (const auto& one : what.summary.quantile)
      sample(what, "", number(one.value), "quantile", number(one.quantile, true));
    sample(what, "_count", std::to_string(what.summary.sample_count));
    sample(what, "_sum", number(what.summary.sample_sum));
  }

  void histogram(const ClientMetric& what) {
    double last = 0;
    for (const auto& bucket : what.histogram.bucket) {
      last = bucket.upper_bound;
      sample(what, "_bucket", std::to_string(bucket.cumulative_count), "le", number(last, true));
    }
    if (!std::isinf(last))
      sample(what, "_bucket", std::to_string(what.histogram.sample_count), "le", "+Inf");
    sample(what, "_count", std::to_string(what.histogram.sample_count));
    sample(what, "_sum", number(what.histogram.sample_sum));
  }

  std::string& out_;
  std::string name_;
};

} // namespace

std::string open_metrics_text(const std::vector<prometheus::MetricFamily>& families) {
  std::string out;
  for (const auto& family : families) {
    auto name = family.name;
    if (family.type == MetricType::Counter && name.ends_with(total))
      name.resize(name.size() - total.size());
    if (!family.help.empty())
      out.append("# HELP ").append(name).append(" ").append(escaped(family.help)).append("\n");
    out.append("# TYPE ").append(name).append(" ").append(type_name(family.type)).append("\n");
    writer to{out, name};
    for (const auto& metric : family.metric)
      to.metric(family.type, metric);
  }
  return out + "# EOF\n";
}

} // namespace moor::http
