// The wait queue with so many in it: for each step, one leaves and another comes.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "moor/machines/wait_queue.hpp"

#include "families.hpp"

namespace {

using namespace std::chrono_literals;
using moor::machines::wait_queue;

constexpr moor::instant start{1h};

/// Requests of one timeout, a microsecond apart.
class crowd {
public:
  explicit crowd(std::int64_t size) {
    for (std::int64_t i = 0; i < size; ++i)
      push();
  }

  void push() {
    ++last_;
    queue.push({.request = last_, .deadline = start + last_ * 1us});
  }

  moor::request_id last() const { return last_; }

  wait_queue queue;

private:
  moor::request_id last_ = 0;
};

void push_and_pop(benchmark::State& state) {
  crowd waiting{state.range(0)};
  while (state.KeepRunning()) {
    waiting.push();
    benchmark::DoNotOptimize(waiting.queue.pop());
  }
}

void expire(benchmark::State& state) {
  crowd waiting{state.range(0)};
  while (state.KeepRunning()) {
    waiting.push();
    benchmark::DoNotOptimize(waiting.queue.take_over(moor::no_deadline));
  }
}

/// Any of those who wait leaves. Which one, and who comes for it, is part of the time.
void cancel(benchmark::State& state) {
  crowd waiting{state.range(0)};
  std::vector<moor::request_id> there(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < there.size(); ++i)
    there[i] = i + 1;
  std::minstd_rand random{7};
  while (state.KeepRunning()) {
    auto& leaves = there[random() % there.size()];
    benchmark::DoNotOptimize(waiting.queue.take(leaves));
    waiting.push();
    leaves = waiting.last();
  }
}

} // namespace

void micro::add_wait_queue() {
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("wait_queue/push_pop", push_and_pop)->Arg(10)->Arg(1'000)->Arg(100'000);
  RegisterBenchmark("wait_queue/push_expire", expire)->Arg(10)->Arg(1'000)->Arg(100'000);
  RegisterBenchmark("wait_queue/cancel_push", cancel)->Arg(10)->Arg(1'000)->Arg(100'000);
}
