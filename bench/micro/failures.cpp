// What guards against failures: circuit breaker, backoff, limits of lines.
#include <chrono>
#include <cstdint>
#include <variant>

#include <benchmark/benchmark.h>

#include "moor/machines/backoff.hpp"
#include "moor/machines/circuit_breaker.hpp"
#include "moor/machines/line_limiter.hpp"
#include "moor/machines/token_bucket.hpp"

#include "families.hpp"

namespace {

using namespace std::chrono_literals;
using namespace moor::machines;

/// A call of a closed breaker that succeeds: asked for and recorded.
void call(benchmark::State& state, moor::breaker_window window) {
  moor::instant now{1h};
  moor::breaker_settings policy;
  policy.window_type = window;
  circuit_breaker breaker{policy, now};
  breaker_effects effects;
  while (state.KeepRunning()) {
    now += 10us;
    const auto answer = breaker.try_acquire(0.5, now, effects);
    breaker.succeeded(std::get<breaker_permit>(answer), 1ms, 0.5, now, effects);
  }
}

void refused_call(benchmark::State& state) {
  const moor::instant now{1h};
  circuit_breaker breaker{moor::breaker_settings{}, now};
  breaker_effects effects;
  breaker.set_mode(moor::breaker_mode::forced_open, now, effects);
  while (state.KeepRunning())
    benchmark::DoNotOptimize(breaker.try_acquire(0.5, now, effects));
}

void backoff(benchmark::State& state) {
  const moor::retry_settings policy;
  std::uint32_t failures = 0;
  while (state.KeepRunning())
    benchmark::DoNotOptimize(backoff_delay(policy, failures++ % 20 + 1, 0.5));
}

void token(benchmark::State& state) {
  moor::instant now{1h};
  token_bucket bucket{10, 1us};
  while (state.KeepRunning()) {
    now += 700ns; // seven of ten are had
    benchmark::DoNotOptimize(bucket.take(now));
  }
}

void line(benchmark::State& state) {
  moor::instant now{1h};
  line_limiter limiter{10, 1us};
  while (state.KeepRunning()) {
    now += 700ns;
    benchmark::DoNotOptimize(limiter.permit(now));
  }
}

} // namespace

void micro::add_failures() {
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("circuit_breaker/call_by_count", call, moor::breaker_window::count);
  RegisterBenchmark("circuit_breaker/call_by_time", call, moor::breaker_window::time);
  RegisterBenchmark("circuit_breaker/refused", refused_call);
  RegisterBenchmark("backoff/delay", backoff);
  RegisterBenchmark("token_bucket/take", token);
  RegisterBenchmark("line_limiter/permit", line);
}
