// How soon moor, libmongoc's pool and a client of libmongoc's alone are back after an outage.
// bench/README.md says how to read the figures.
#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "moor/config/parse.hpp"
#include "moor/mongo/library.hpp"
#include "support/embedded_server.hpp"
#include "support/fault_proxy.hpp"

#include "figures.hpp"
#include "recovery/contenders.hpp"

namespace recovery {
namespace {

using namespace std::chrono_literals;
using milliseconds = std::chrono::duration<double, std::milli>;
using nlohmann::json;

/// Nobody is waited for longer; it counts as this long.
constexpr auto patience = 60s;
/// Service before each outage.
constexpr auto calm = 500ms;
constexpr auto outage = 2s;

/// The figures of one contender, an entry for each outage.
struct times {
  std::vector<double> first;
  std::vector<double> all;
};

double milliseconds_since(clock::time_point begin, clock::time_point end) {
  return milliseconds{std::min<clock::duration>(end - begin, patience)}.count();
}

double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

double rounded(double value) {
  return figures::rounded(value, 10);
}

using contenders = std::array<std::unique_ptr<contender>, 3>;

bool all_serve(const contenders& all) {
  return std::ranges::all_of(
    all, [](const auto& c) { return c->seen().all() != clock::time_point::max(); });
}

/// Until every client of every contender had an answer.
void wait_for_all(const contenders& all) {
  const auto until = clock::now() + patience;
  while (!all_serve(all) && clock::now() < until)
    std::this_thread::sleep_for(1ms);
}

void suffer(const contenders& all, moor::test::fault_proxy& proxy, std::array<times, 3>& into) {
  std::this_thread::sleep_for(calm);
  proxy.set(moor::test::fault::refuse);
  std::this_thread::sleep_for(outage);
  for (const auto& c : all)
    c->seen().forget();
  proxy.set(moor::test::fault::none);
  const auto back = clock::now();
  wait_for_all(all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    into[i].first.push_back(milliseconds_since(back, all[i]->seen().first()));
    into[i].all.push_back(milliseconds_since(back, all[i]->seen().all()));
  }
}

json line_of(contender& who, const times& of) {
  return {{"contender", who.name()},
          {"clients", who.seen().clients()},
          {"outages", of.first.size()},
          {"first_success_ms_p50", rounded(median(of.first))},
          {"first_success_ms_max", rounded(*std::ranges::max_element(of.first))},
          {"full_recovery_ms_p50", rounded(median(of.all))},
          {"full_recovery_ms_max", rounded(*std::ranges::max_element(of.all))},
          {"failed_requests", who.seen().failures()}};
}

json ratios(const std::vector<json>& lines) {
  json result{{"ratio", "moor/mongoc_client_pool"}};
  for (const auto* field : {"first_success_ms_p50", "first_success_ms_max", "full_recovery_ms_p50",
                            "full_recovery_ms_max"})
    result[field]
      = std::round(lines[0].at(field).get<double>() / lines[1].at(field).get<double>() * 1000)
        / 1000;
  return result;
}

/// All of them meet the same outages at the same time.
void run(std::size_t outages) {
  const moor::test::embedded_server server;
  moor::test::fault_proxy proxy{server.port()};
  const contenders all{make_moor(proxy.uri()), make_client_pool(proxy.uri()),
                       make_client(proxy.uri())};
  wait_for_all(all);
  std::array<times, 3> seen;
  for (; outages > 0; --outages)
    suffer(all, proxy, seen);
  std::vector<json> lines;
  for (std::size_t i = 0; i < all.size(); ++i)
    lines.push_back(line_of(*all[i], seen[i]));
  for (const auto& line : lines)
    std::cout << line.dump() << '\n';
  std::cout << ratios(lines).dump() << '\n';
}

int main(int argc, char** argv) {
  const auto outages = argc == 3 && std::string{argv[1]} == "--outages" ? moor::parse_count(argv[2])
                                                                        : moor::parse_count("20");
  if ((argc != 1 && argc != 3) || !outages || *outages.value < 1 || *outages.value > 1000) {
    std::cerr << "usage: recovery [--outages N], N from 1 to 1000, 20 if it is not given\n";
    return 2;
  }
  return figures::run_program("recovery", [&] {
    moor::mongo::initialize_library();
    run(*outages.value);
  });
}

} // namespace
} // namespace recovery

int main(int argc, char** argv) {
  return recovery::main(argc, argv);
}
