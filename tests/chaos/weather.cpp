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

/// What a machine under this load may add to a backoff step: a dial takes its time too.
constexpr auto patience = 2s;

/// One every 50 ms.
constexpr int samples_of_a_breach = 10;

std::int64_t now() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

} // namespace

weather::weather(tally& seen, std::uint64_t most_connections, std::uint64_t seed)
  : most_connections_(most_connections),
    seen_(seen),
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
  const auto begin = now();
  while (seen_.last_success < begin) {
    std::this_thread::sleep_for(1ms);
    if (std::chrono::nanoseconds{now() - begin} > patience + 500ms) {
      seen_.breaches.add("no recovery within one backoff step after " + after);
      return;
    }
  }
  const auto took = (seen_.last_success - begin) / 1'000'000;
  seen_.slowest_recovery_ms = std::max(seen_.slowest_recovery_ms.load(), took);
}

std::uint64_t weather::connections() const {
  const auto reply = nlohmann::json::parse(server_.run("admin", R"({"serverStatus": 1})"));
  return reply.at("connections").at("current").get<std::uint64_t>() - 1;
}

} // namespace moor::chaos
