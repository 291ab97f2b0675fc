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

#include <caf/actor_system_config.hpp>
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

namespace observability {
namespace {

using figures::median;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t clients = 64;
constexpr std::size_t connections = 8;

struct config : caf::actor_system_config {
  moor::caf_settings moor{*this, custom_options_};
};

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
  const auto found = moor::resolve({{moor::source::command_line, std::move(values)}});
  for (const auto& one : found.findings)
    if (one.grade == moor::severity::error)
      throw std::runtime_error{to_string(one)};
  return found.value;
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

/// Watched, there is a subscriber to all events, and somebody who reads metrics and figures four
/// times a second.
measured measure(const std::string& uri, bool watched, std::chrono::nanoseconds length) {
  config cfg;
  cfg.set("scheduler.policy", caf::atom("sharing"));
  caf::actor_system system{cfg};
  moor::component component{
    system, {.log = {[](moor::log_level, const std::string&) {}}, .make_driver = {}}};
  caf::scoped_actor self{system};
  const auto pool = component.start(settings_of(uri, watched));
  if (!pool)
    throw std::runtime_error{moor::describe(pool.error())};
  self->request(*pool, 60s, moor::warm{connections, 30s})
    .receive([](const moor::warmed&) {},
             [](const caf::error& err) { throw std::runtime_error{moor::describe(err)}; });
  std::uint64_t events = 0;
  caf::actor subscriber;
  std::jthread visitor;
  if (watched) {
    subscriber = system.spawn([&events](caf::event_based_actor*) -> caf::behavior {
      return {[&events](const moor::pool_events& batch) { events += batch.events.size(); }};
    });
    caf::anon_send(*pool, moor::subscribe{subscriber});
    visitor = std::jthread{[url = component.url()](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        visit(url, "/stats");
        visit(url, "/metrics");
        std::this_thread::sleep_for(250ms);
      }
    }};
  }
  const compare::operation ping{compare::op::ping};
  compare::window during{clients, length};
  const compare::load load{*pool, ping, during, false};
  const auto cpu_before = std::clock();
  std::vector<compare::samples> all(clients);
  for (std::size_t i = 0; i < clients; ++i)
    self->monitor(spawn_client(system, load, all[i], static_cast<unsigned>(i + 1)));
  std::size_t ended = 0;
  self->receive_while([&] { return ended < clients; })([&](const caf::down_msg&) { ++ended; });
  const auto cpu_s = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC;
  std::uint64_t operations = 0;
  std::uint64_t answers = 0;
  for (const auto& one : all) {
    operations += one.operations;
    answers += one.answers;
  }
  caf::anon_send_exit(subscriber, caf::exit_reason::user_shutdown);
  component.drain(5s);
  return {static_cast<double>(operations) / std::chrono::duration<double>(length).count(),
          cpu_s * 1e6 / static_cast<double>(answers)};
}

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

void run(const std::string& uri, std::size_t rounds, std::chrono::seconds span) {
  std::vector<measured> on;
  std::vector<measured> off;
  std::vector<double> ops;
  std::vector<double> cpu;
  for (std::size_t i = 0; i < rounds; ++i) {
    // In turns also within the pairs, so that neither is always the first.
    for (const bool watched : {i % 2 == 0, i % 2 != 0})
      (watched ? on : off).push_back(measure(uri, watched, span));
    ops.push_back(on.back().ops / off.back().ops);
    cpu.push_back(on.back().cpu_us / off.back().cpu_us);
  }
  std::cout << report("everything on", on) << '\n'
            << report("everything off", off) << '\n'
            << json{{"ratio", "on/off"},
                    {"rounds", rounds},
                    {"ops", rounded(median(ops))},
                    {"least", rounded(*std::min_element(ops.begin(), ops.end()))},
                    {"most", rounded(*std::max_element(ops.begin(), ops.end()))},
                    {"cpu_us_per_op", rounded(median(cpu))}}
            << '\n';
}

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  std::string uri;
  auto seconds = moor::parse_count("3");
  auto rounds = moor::parse_count("9");
  bool understood = arguments.size() % 2 == 0;
  for (std::size_t i = 0; understood && i < arguments.size(); i += 2) {
    const auto& value = arguments[i + 1];
    if (arguments[i] == "--uri")
      uri = value;
    else if (arguments[i] == "--seconds")
      seconds = moor::parse_count(value);
    else if (arguments[i] == "--rounds")
      rounds = moor::parse_count(value);
    else
      understood = false;
  }
  const auto within = [](const auto& read, std::uint64_t most) {
    return read && *read.value >= 1 && *read.value <= most;
  };
  if (!understood || !within(seconds, 1000) || !within(rounds, 99)) {
    std::cerr << "usage: observability [--uri URI] [--seconds N] [--rounds N]\n"
                 "A server of its own if no --uri is given; 1 to 1000 seconds, usually 3;\n"
                 "1 to 99 rounds, usually 9.\n";
    return 2;
  }
  return figures::run_program("observability", [&] {
    std::optional<moor::test::embedded_server> own;
    if (uri.empty())
      uri = own.emplace().uri();
    run(uri, *rounds.value, std::chrono::seconds{*seconds.value});
  });
}

} // namespace
} // namespace observability

int main(int argc, char** argv) {
  return observability::main(argc, argv);
}
