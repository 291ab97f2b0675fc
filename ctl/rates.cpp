#include "moor/ctl/rates.hpp"

#include <algorithm>
#include <utility>

namespace moor::ctl {

namespace {

const pool_figures_row* find_pool(const stats& in, std::string_view name) {
  const auto found = std::ranges::find(in.pools, name, &pool_figures_row::name);
  return found == in.pools.end() ? nullptr : &*found;
}

} // namespace

void stats_history::add(stats latest) {
  kept_.push_back(std::move(latest));
  if (kept_.size() > most)
    kept_.pop_front();
}

const pool_figures_row* stats_history::before(const pool_figures_row& now) const {
  constexpr std::int64_t wanted_ms = 1000;
  const pool_figures_row* best = nullptr;
  for (auto i = kept_.size(); i-- > 0;) {
    const auto* pool = find_pool(kept_[i], now.name);
    if (pool == nullptr || pool->began_unix_ms != now.began_unix_ms
        || pool->at_unix_ms >= now.at_unix_ms)
      continue;
    best = pool;
    if (now.at_unix_ms - pool->at_unix_ms >= wanted_ms)
      break;
  }
  return best;
}

std::optional<double> rate_of(std::uint64_t then, std::uint64_t now, std::int64_t elapsed_ms) {
  if (elapsed_ms <= 0 || now < then)
    return std::nullopt;
  return static_cast<double>(now - then) * 1000 / static_cast<double>(elapsed_ms);
}

std::optional<double> mean_ms(const timing* then, const timing& now) {
  const timing zero;
  const auto& from = then == nullptr ? zero : *then;
  if (now.count <= from.count || now.total_ms < from.total_ms)
    return std::nullopt;
  return (now.total_ms - from.total_ms) / static_cast<double>(now.count - from.count);
}

const operation_row* find_operation(const pool_figures_row* in, std::string_view name) {
  if (in == nullptr)
    return nullptr;
  const auto found = std::ranges::find(in->operations, name, &operation_row::name);
  return found == in->operations.end() ? nullptr : &*found;
}

} // namespace moor::ctl
