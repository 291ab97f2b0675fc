#include "chaos/weather.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include <nlohmann/json.hpp>

namespace moor::chaos {

using namespace std::chrono_literals;
using test::fault;

namespace {

constexpr std::array faults{fault::reset,   fault::silence, fault::slow,
                            fault::garbage, fault::cut,     fault::refuse};
constexpr std::array fault_names{"reset", "silence", "slow", "garbage", "cut", "refuse"};

/// One every 50 ms.
constexpr int samples_of_a_breach = 10;

} // namespace

weather::weather(tally& seen, const canary& machine, std::uint64_t most_connections,
                 duration recovery, std::uint64_t seed)
  : seen_(seen),
    machine_(machine),
    most_connections_(most_connections),
    recovery_(recovery),
    proxy_(server_.port(), {.delay = 100ms, .seed = seed}),
    random_(seed) {}

void weather::calm(std::chrono::milliseconds length, const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + length;
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(50ms);
    const auto open = connections();
    seen_.most_connections = std::max(seen_.most_connections.load(), open);
    // Until the server has noticed that one was closed, it is seen beside its successor.
    samples_beyond_ = open > most_connections_ ? samples_beyond_ + 1 : 0;
    if (samples_beyond_ == samples_of_a_breach)
      seen_.breaches.add("connections at the server beyond the maximum");
  }
}

void weather::storm() {
  const auto kind = static_cast<std::size_t>(turn_++) % (faults.size() + 2);
  if (kind < faults.size()) {
    seen_.faults.add(fault_names[kind]);
    proxy_.set(faults[kind]);
    std::this_thread::sleep_for(for_a_while());
    proxy_.set(fault::none);
    expect_recovery(fault_names[kind]);
  } else if (kind == faults.size()) {
    seen_.faults.add("killed");
    server_.kill_now();
    std::this_thread::sleep_for(for_a_while());
    server_.restart();
    expect_recovery("killed");
  } else {
    seen_.faults.add("stalled");
    server_.pause();
    std::this_thread::sleep_for(for_a_while());
    server_.resume();
    expect_recovery("stalled");
  }
}

void weather::expect_recovery(const std::string& after) {
  const auto begin = std::chrono::steady_clock::now();
  const auto since = [&] { return std::chrono::steady_clock::now() - begin; };
  while (seen_.last_success < begin.time_since_epoch().count()) {
    std::this_thread::sleep_for(1ms);
    if (since() > recovery_ + machine_.stall(begin, begin + since())) {
      seen_.breaches.add("no recovery in time after " + after);
      return;
    }
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(since()).count();
  seen_.slowest_recovery_ms = std::max<std::int64_t>(seen_.slowest_recovery_ms, took);
}

std::uint64_t weather::connections() const {
  const auto reply = nlohmann::json::parse(server_.run("admin", R"({"serverStatus": 1})"));
  return reply.at("connections").at("current").get<std::uint64_t>() - 1;
}

} // namespace moor::chaos
