#include "moor/runtime/http/metrics_text.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <prometheus/text_serializer.h>

#include "moor/runtime/http/open_metrics.hpp"

namespace moor::http {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// What is before the separator, which is taken off `rest` with it.
std::string_view next_part(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

/// 0 to 1; what is no number counts as not wanted.
double quality(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return whole && value >= 0 && value <= 1 ? value : 0;
}

/// One element of an Accept header.
struct media_range {
  std::string type;
  std::string version;
  double q = 1;
};

media_range read_range(std::string_view element) {
  media_range result;
  result.type = lower(next_part(element, ';'));
  while (!element.empty()) {
    auto parameter = next_part(element, ';');
    const auto name = lower(next_part(parameter, '='));
    const auto value = trimmed(parameter);
    if (name == "q")
      result.q = quality(value);
    else if (name == "version")
      result.version = value;
  }
  return result;
}

} // namespace

metrics_format wanted_format(std::string_view accept) {
  double open = 0;
  double text = 0;
  while (!accept.empty()) {
    const auto range = read_range(next_part(accept, ','));
    if (range.type == "application/openmetrics-text"
        && (range.version.empty() || range.version == "1.0.0"))
      open = std::max(open, range.q);
    else if (range.type == "text/plain")
      text = std::max(text, range.q);
  }
  return open > 0 && open >= text ? metrics_format::open_metrics : metrics_format::prometheus_text;
}

std::string_view type_of(metrics_format format) noexcept {
  return format == metrics_format::open_metrics
           ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
           : "text/plain; version=0.0.4; charset=utf-8";
}

std::string metrics_text(const std::vector<prometheus::MetricFamily>& families,
                         metrics_format format) {
  if (format == metrics_format::open_metrics)
    return open_metrics_text(families);
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families);
  return out.str();
}

} // namespace moor::http
