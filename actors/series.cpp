#include "moor/actors/series.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <vector>

#include "moor/config/text.hpp"

namespace moor::actors {

namespace {

constexpr std::size_t longest_label_value = 128;

double seconds(duration span) noexcept {
  return std::chrono::duration<double>(span).count();
}

std::vector<double> bounds() {
  std::vector<double> all;
  all.reserve(duration_classes.size());
  for (const auto& bound : duration_classes)
    all.push_back(seconds(bound));
  return all;
}

/// The bytes of the character that `text` begins with; 0 if it is none, or a control character.
std::size_t character(std::string_view text) noexcept {
  if (static_cast<unsigned char>(text.front()) < 0x20 || text.front() == 0x7f)
    return 0;
  for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(4, text.size()); ++bytes)
    if (is_utf8(text.substr(0, bytes)))
      return bytes;
  return 0;
}

} // namespace

std::string label_value(std::string_view text) {
  std::string value;
  while (!text.empty()) {
    const auto bytes = character(text);
    if (value.size() + std::max<std::size_t>(bytes, 1) > longest_label_value)
      break;
    value += bytes == 0 ? std::string_view{"?"} : text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return value;
}

pool_series::pool_series(std::shared_ptr<prometheus::Registry> registry, std::string pool)
  : registry_(std::move(registry)), pool_(std::move(pool)), set_(join_series(registry_, pool_)) {}

pool_series::~pool_series() {
  leave_series(registry_, pool_);
}

prometheus::Labels pool_series::labels(const metric& which, const label_values& of) const {
  prometheus::Labels all;
  if (which.names == naming::open_telemetry)
    all = {{"db_client_connection_pool_name", pool_}, {"db_system_name", "mongodb"}};
  else
    all = {{"pool", pool_}};
  for (std::size_t i = 0; i < of.size(); ++i)
    if (which.labels.at(i) != nullptr)
      all[which.labels.at(i)] = of.at(i);
  return all;
}

template <class T, class Builder, class... Form>
T& pool_series::find(series_set::places<T>& in, Builder builder, const metric& which,
                     const label_values& of, const Form&... form) {
  auto found = in.find({&which, of});
  if (found == in.end()) {
    auto& family = builder.Name(which.name).Help(which.help).Register(*registry_);
    auto& series = family.Add(labels(which, of), form...);
    found = in.emplace(key{&which, of}, series_set::place<T>{&family, &series}).first;
  }
  return *found->second.series;
}

void pool_series::set(const metric& which, const label_values& of, double value) {
  const std::lock_guard guard{set_->mutex};
  find(set_->gauges, prometheus::BuildGauge(), which, of).Set(value);
}

void pool_series::unset(const metric& which, const label_values& of) {
  const std::lock_guard guard{set_->mutex};
  const auto found = set_->gauges.find({&which, of});
  if (found == set_->gauges.end())
    return;
  found->second.family->Remove(found->second.series);
  set_->gauges.erase(found);
}

void pool_series::unset_all() {
  const std::lock_guard guard{set_->mutex};
  for (const auto& [which, at] : set_->gauges)
    at.family->Remove(at.series);
  set_->gauges.clear();
}

prometheus::Counter& pool_series::counter(const metric& which, const label_values& of) {
  auto& mine = counters_[{&which, of}];
  if (mine == nullptr) {
    const std::lock_guard guard{set_->mutex};
    mine = &find(set_->counters, prometheus::BuildCounter(), which, of);
  }
  return *mine;
}

prometheus::Histogram& pool_series::histogram(const metric& which, const label_values& of) {
  auto& mine = histograms_[{&which, of}];
  if (mine == nullptr) {
    const std::lock_guard guard{set_->mutex};
    mine = &find(set_->histograms, prometheus::BuildHistogram(), which, of, bounds());
  }
  return *mine;
}

void pool_series::follow(const metric& which, const label_values& of, std::uint64_t total) {
  auto& before = followed_[{&which, of}];
  add(which, of, since(total, before));
  before = std::max(before, total);
}

void pool_series::follow(const metric& which, const label_values& of,
                         const duration_figures& total) {
  auto& before = followed_times_[{&which, of}];
  add(which, of, since(total, before));
  if (total.count >= before.count)
    before = total;
}

void pool_series::add(const metric& which, const label_values& of, std::uint64_t more) {
  counter(which, of).Increment(static_cast<double>(more));
}

void pool_series::add(const metric& which, const label_values& of, const duration_figures& more) {
  auto& series = histogram(which, of);
  if (more.count > 0)
    series.ObserveMultiple({more.classes.begin(), more.classes.end()}, seconds(more.total));
}

std::uint64_t since(std::uint64_t now, std::uint64_t before) noexcept {
  return now > before ? now - before : 0;
}

duration_figures since(const duration_figures& now, const duration_figures& before) noexcept {
  duration_figures more;
  more.count = since(now.count, before.count);
  more.total = std::max(now.total - before.total, duration::zero());
  for (std::size_t i = 0; i < more.classes.size(); ++i)
    more.classes.at(i) = since(now.classes.at(i), before.classes.at(i));
  return more;
}

} // namespace moor::actors
