// What is written down while requests are served: leases that are out, and operations.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "moor/machines/leak_ledger.hpp"
#include "moor/machines/operation_book.hpp"

#include "families.hpp"

namespace {

using namespace std::chrono_literals;
using namespace moor::machines;

/// One look at so many leases that are out; every tenth was reported as a leak at the first look.
void look(benchmark::State& state) {
  std::vector<moor::lease_record> out(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].lease = i + 1;
    out[i].threshold = 60s;
    out[i].held = i % 10 == 0 ? 61s : 1s;
  }
  leak_ledger ledger{moor::leak_settings{}};
  leak_effects effects;
  moor::instant now{1h};
  while (state.KeepRunning()) {
    now += 1s;
    ledger.look(out, {}, now, effects);
    effects.clear();
  }
}

std::vector<std::string> names(std::int64_t count) {
  std::vector<std::string> result;
  for (std::int64_t i = 0; i < count; ++i)
    result.push_back("orders.find-by-customer-" + std::to_string(i));
  return result;
}

void add(benchmark::State& state) {
  const auto operations = names(state.range(0));
  operation_book book;
  std::size_t next = 0;
  while (state.KeepRunning())
    book.add(operations[next++ % operations.size()], 1ms, false, false);
}

void top(benchmark::State& state) {
  const auto operations = names(state.range(0));
  operation_book book;
  for (std::size_t i = 0; i < operations.size(); ++i)
    book.add(operations[i], i * 1ms, false, false);
  while (state.KeepRunning())
    benchmark::DoNotOptimize(book.top(20));
}

} // namespace

void micro::add_books() {
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("leak_ledger/look", look)->Arg(10)->Arg(1'000);
  RegisterBenchmark("operation_book/add", add)->Arg(1)->Arg(200);
  RegisterBenchmark("operation_book/top_20", top)->Arg(200);
}
