// What it costs to be watched: the same load with everything on and with everything off, in turns.
// bench/README.md says how to read the figures.
#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <civetweb.h>
#include <nlohmann/json.hpp>

#include "moor/config/parse.hpp"
#include "moor/moor.hpp"
#include "support/embedded_server.hpp"

#include "compare/moor_clients.hpp"
#include "figures.hpp"
#include "warm_pool.hpp"

namespace observability {
namespace {

using figures::median;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t clients = 64;
constexpr std::size_t connections = 8;

moor::settings settings_of(const std::string& uri, bool watched) {
  std::vector<moor::raw_value> values{{"uri", uri},
                                      {"max-pool-size", std::to_string(connections)},
                                      {"min-pool-size", std::to_string(connections)},
                                      {"queue-target", "0"}};
  if (watched)
    values.push_back({"http-listen", "127.0.0.1:0"});
  else
    for (const auto* key : {"metrics-interval", "statistics-interval", "leak-threshold",
                            "slow-query-threshold", "saturation-threshold"})
      values.push_back({key, "0"});
  if (!watched)
    values.push_back({"leak-scan-interval", "24h"});
  return bench::settings_of(std::move(values));
}

/// Reads a page of the endpoint to its end.
void visit(const std::string& url, const char* path) {
  const auto port = std::stoi(url.substr(url.rfind(':') + 1));
  std::array<char, 256> problem{};
  auto* answer = mg_download("127.0.0.1", port, 0, problem.data(), problem.size(),
                             "GET %s HTTP/1.0\r\n\r\n", path);
  if (answer == nullptr)
    throw std::runtime_error{problem.data()};
  std::array<char, 16'384> part{};
  while (mg_read(answer, part.data(), part.size()) > 0)
    ;
  mg_close_connection(answer);
}

struct measured {
  double ops = 0;    // a second
  double cpu_us = 0; // processor time of this process for each, clients included
};

/// A component with one warm pool, watched or not. Watched, there is a subscriber to all events,
/// and while it is measured somebody reads metrics and figures four times a second.
class contender {
public:
  contender(const std::string& uri, bool watched) : component_{system_, quiet()} {
    caf::scoped_actor self{system_};
    pool_ = bench::start_warm(component_, self, settings_of(uri, watched), connections);
    if (!watched)
      return;
    subscriber_ = system_.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const moor::pool_events& batch) { events_ += batch.events.size(); }};
    });
    caf::anon_send(pool_, moor::subscribe{subscriber_});
  }

  contender(const contender&) = delete;

  ~contender() {
    caf::anon_send_exit(subscriber_, caf::exit_reason::user_shutdown);
    component_.drain(5s);
  }

  measured measure(std::chrono::nanoseconds length) {
    std::jthread visitor;
    if (subscriber_)
      visitor = std::jthread{[url = component_.url()](const std::stop_token& stop) {
        for (auto due = compare::clock::now(); !stop.stop_requested();
             std::this_thread::sleep_for(10ms))
          if (compare::clock::now() >= due) {
            visit(url, "/stats");
            visit(url, "/metrics");
            due += 250ms;
          }
      }};
    const compare::operation ping{compare::op::ping};
    compare::window during{clients, length, 50ms};
    const compare::load load{pool_, ping, during, false};
    caf::scoped_actor self{system_};
    const auto cpu_before = std::clock();
    std::vector<compare::samples> all(clients);
    compare::run_clients(self, {&load, 1}, all);
    const auto cpu_s = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC;
    std::uint64_t operations = 0;
    std::uint64_t answers = 0;
    for (const auto& one : all) {
      operations += one.operations;
      answers += one.answers;
    }
    return {static_cast<double>(operations) / std::chrono::duration<double>(length).count(),
            cpu_s * 1e6 / static_cast<double>(answers)};
  }

private:
  static moor::component_options quiet() {
    return {.log = {[](moor::log_level, const std::string&) {}}, .make_driver = {}};
  }

  compare::config config_{"sharing"};
  caf::actor_system system_{config_};
  moor::component component_;
  moor::pool_actor pool_;
  caf::actor subscriber_;
  std::uint64_t events_ = 0;
};

double rounded(double x) {
  return figures::rounded(x, 1000);
}

json report(const char* contender, const std::vector<measured>& rounds) {
  std::vector<double> ops;
  std::vector<double> cpu_us;
  for (const auto& one : rounds) {
    ops.push_back(one.ops);
    cpu_us.push_back(one.cpu_us);
  }
  return {
    {"contender", contender}, {"ops", median(ops)}, {"cpu_us_per_op", rounded(median(cpu_us))}};
}

/// Both are there all the time, and their turns are short: so the slow changes of a shared machine
/// meet both alike.
void run(const std::string& uri, std::size_t rounds, std::chrono::milliseconds turn) {
  contender watched{uri, true};
  contender unwatched{uri, false};
  std::vector<measured> on;
  std::vector<measured> off;
  std::vector<double> ops;
  std::vector<double> cpu;
  for (std::size_t i = 0; i < rounds; ++i) {
    // In turns also within the pairs, so that neither is always the first.
    if (i % 2 == 0)
      on.push_back(watched.measure(turn));
    off.push_back(unwatched.measure(turn));
    if (i % 2 != 0)
      on.push_back(watched.measure(turn));
    ops.push_back(on.back().ops / off.back().ops);
    cpu.push_back(on.back().cpu_us / off.back().cpu_us);
  }
  std::cout << report("everything on", on) << '\n'
            << report("everything off", off) << '\n'
            << json{{"ratio", "on/off"},
                    {"rounds", rounds},
                    {"ops", rounded(median(ops))},
                    {"quartiles",
                     {rounded(figures::quantile(ops, 0.25)),
                      rounded(figures::quantile(ops, 0.75))}},
                    {"cpu_us_per_op", rounded(median(cpu))}}
            << '\n';
}

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  std::string uri;
  auto turn_ms = moor::parse_count("400");
  auto rounds = moor::parse_count("60");
  bool understood = arguments.size() % 2 == 0;
  for (std::size_t i = 0; understood && i < arguments.size(); i += 2) {
    const auto& value = arguments[i + 1];
    if (arguments[i] == "--uri")
      uri = value;
    else if (arguments[i] == "--turn-ms")
      turn_ms = moor::parse_count(value);
    else if (arguments[i] == "--rounds")
      rounds = moor::parse_count(value);
    else
      understood = false;
  }
  const auto within = [](const auto& read, std::uint64_t most) {
    return read && *read.value >= 1 && *read.value <= most;
  };
  if (!understood || !within(turn_ms, 60'000) || !within(rounds, 999)) {
    std::cerr << "usage: observability [--uri URI] [--turn-ms N] [--rounds N]\n"
                 "A server of its own if no --uri is given; turns of 1 to 60000 ms, usually 400;\n"
                 "1 to 999 rounds, usually 60.\n";
    return 2;
  }
  return figures::run_program("observability", [&] {
    std::optional<moor::test::embedded_server> own;
    if (uri.empty())
      uri = own.emplace().uri();
    run(uri, *rounds.value, std::chrono::milliseconds{*turn_ms.value});
  });
}

} // namespace
} // namespace observability

int main(int argc, char** argv) {
  return observability::main(argc, argv);
}
