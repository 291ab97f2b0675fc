#include <chrono>

#include "moor/machines/pool.hpp"

#include "scenarios.hpp"

namespace hot_paths {

namespace {

using namespace std::chrono_literals;
using namespace moor;

/// A pool with 8 available connections, whose effects are thrown away.
class ready_pool {
public:
  ready_pool() {
    machine_.ready(false, now_, effects_);
    machine_.warm(++last_request_, connections, now_ + 1h, now_, effects_);
    for (connection_id id = 1; id <= connections; ++id)
      machine_.established(id, 0, false, now_, effects_);
    effects_.clear();
  }

  void ask(duration patience) {
    machine_.check_out(++last_request_, priority::normal, false, now_ + patience, now_, effects_);
    finish();
  }

  /// The next lease in order comes back.
  void give_back() {
    machine_.check_in(++last_returned_, std::nullopt, now_, effects_);
    finish();
  }

  void pass(duration time) {
    now_ += time;
    machine_.expire(now_, effects_);
    finish();
  }

  static constexpr std::uint64_t connections = 8;

private:
  static settings of_this_size() {
    settings s;
    s.max_pool_size = connections;
    s.max_connecting = connections;
    return s;
  }

  void finish() { effects_.clear(); }

  instant now_{1h};
  machines::pool_effects effects_;
  machines::pool machine_{of_this_size(), "db.example:27017", now_, effects_};
  request_id last_request_ = 0;
  lease_id last_returned_ = 0;
};

} // namespace

void check_out_idle(std::uint64_t times) {
  ready_pool pool;
  counted(times, [&] {
    pool.ask(1s);
    pool.give_back();
  });
}

void check_out_contended(std::uint64_t times) {
  ready_pool pool;
  for (std::uint64_t i = 0; i < 64 + ready_pool::connections; ++i)
    pool.ask(24h);
  counted(times, [&] {
    pool.give_back();
    pool.ask(24h);
  });
}

void time_out(std::uint64_t times) {
  ready_pool pool;
  for (std::uint64_t i = 0; i < ready_pool::connections; ++i)
    pool.ask(1s);
  counted(times, [&] {
    pool.ask(1ms);
    pool.pass(1ms);
  });
}

} // namespace hot_paths
