// The pool's machine: what one lease costs it.
#include <chrono>
#include <cstdint>
#include <optional>

#include <benchmark/benchmark.h>

#include "moor/machines/pool.hpp"

#include "families.hpp"

namespace {

using namespace std::chrono_literals;

/// A pool with 8 available connections, whose effects are thrown away.
class ready_pool {
public:
  explicit ready_pool(std::int64_t waiting) : config_(of_this_size(waiting)) {
    machine_.ready(false, now_, effects_);
    machine_.warm(++last_request_, connections, now_ + 1h, now_, effects_);
    for (moor::connection_id id = 1; id <= connections; ++id)
      machine_.established(id, 0, false, now_, effects_);
    for (std::int64_t i = 0; waiting > 0 && i < waiting + connections; ++i)
      check_out();
  }

  void check_out() {
    machine_.check_out(++last_request_, moor::priority::normal, false, now_ + 24h, now_, effects_);
    effects_.clear();
  }

  /// The next lease in order comes back.
  void check_in() {
    machine_.check_in(++last_returned_, std::nullopt, now_, effects_);
    effects_.clear();
  }

private:
  static constexpr int connections = 8;

  static moor::settings of_this_size(std::int64_t waiting) {
    moor::settings s;
    s.max_pool_size = connections;
    s.max_connecting = connections;
    s.wait_queue_limit = static_cast<std::size_t>(waiting) + connections + 1;
    return s;
  }

  moor::settings config_;
  moor::instant now_{1h};
  moor::machines::pool_effects effects_;
  moor::machines::pool machine_{config_, "db.example:27017", now_, effects_};
  moor::request_id last_request_ = 0;
  moor::lease_id last_returned_ = 0;
};

void idle(benchmark::State& state) {
  ready_pool pool{0};
  while (state.KeepRunning()) {
    pool.check_out();
    pool.check_in();
  }
}

/// Who returns a lease hands it to the next, and asks again.
void contended(benchmark::State& state) {
  ready_pool pool{state.range(0)};
  while (state.KeepRunning()) {
    pool.check_in();
    pool.check_out();
  }
}

} // namespace

void micro::add_pool() {
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("pool/check_out_in_idle", idle);
  RegisterBenchmark("pool/check_in_out_waiting", contended)->Arg(64)->Arg(10'000);
}
