#include "moor/actors/operation_metrics.hpp"

#include "moor/machines/operation_book.hpp"

namespace moor::actors {

namespace {

constexpr metric duration_of{"db_client_operation_duration_seconds",
                             "Time from a command to the server's answer, by operation.",
                             {"db_operation_name", "outcome"},
                             naming::open_telemetry};
constexpr metric slow_of{"moor_slow_commands_total",
                         "Commands that took longer than their threshold, by operation.",
                         {"operation", nullptr}};

} // namespace

operation_metrics::followed& operation_metrics::entry_of(const std::string& operation) {
  auto [found, is_new] = all_.try_emplace(operation);
  if (!is_new)
    return found->second;
  // A name that shared once goes on sharing: with a series of its own it would be counted twice.
  if (named_ < most_names && operation != machines::operation_book::others) {
    found->second.label = label_value(operation);
    ++named_;
  } else {
    found->second.label = other;
  }
  return found->second;
}

void operation_metrics::update(pool_series& to, const operations_report& now) {
  for (const auto& o : now.operations) {
    auto& [label, before] = entry_of(o.operation);
    to.add(duration_of, {label, "success"}, since(o.succeeded, before.succeeded));
    to.add(duration_of, {label, "error"}, since(o.failed, before.failed));
    to.add(slow_of, {label, {}}, since(o.slow, before.slow));
    before = o;
  }
}

} // namespace moor::actors
