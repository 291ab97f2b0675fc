// What moor serves of three times what its connections can, with shedding and without.
// bench/README.md says how to read the figures.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "moor/config/parse.hpp"
#include "moor/mongo/library.hpp"
#include "support/embedded_server.hpp"

#include "figures.hpp"
#include "overload/load.hpp"

namespace overload {
namespace {

using nlohmann::json;

/// Of the server for each operation, so that the connections are what is short.
constexpr int block_ms = 20;
constexpr double excess = 3;
/// A later answer is of no use to anybody.
constexpr milliseconds useful{500};
constexpr int rounds = 2;

struct contender {
  const char* name;
  bool sheds;
  outcome seen = {};
};

double percentile(const std::vector<milliseconds>& sorted, double share) {
  if (sorted.empty())
    return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return std::round(sorted[at].count() * 10) / 10;
}

json line_of(contender of, double capacity, double seconds) {
  auto& served = of.seen.served;
  std::sort(served.begin(), served.end());
  const auto good = std::upper_bound(served.begin(), served.end(), useful) - served.begin();
  const auto goodput = static_cast<double>(good) / seconds;
  return {{"contender", of.name},
          {"capacity_ops", std::round(capacity)},
          {"offered_ops", std::round(static_cast<double>(of.seen.asked) / seconds)},
          {"goodput_ops", std::round(goodput)},
          {"goodput_share", std::round(goodput / capacity * 1000) / 1000},
          {"served_p50_ms", percentile(served, 0.5)},
          {"served_p99_ms", percentile(served, 0.99)},
          {"shed", of.seen.shed},
          {"timed_out", of.seen.timed_out},
          {"other_errors", of.seen.other_errors}};
}

void run(std::chrono::seconds span) {
  const moor::test::embedded_server server;
  server.run("admin",
             R"({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": {
                 "failCommands": ["find"], "blockConnection": true, "blockTimeMS": )"
               + std::to_string(block_ms) + "}}");
  std::vector<contender> all{{"moor", true}, {"moor-without-shedding", false}};
  double capacity = 0;
  for (int round = 0; round < rounds; ++round) {
    capacity += measure_capacity(server.uri(), span) / rounds;
    for (auto& one : all)
      one.seen += offer(server.uri(), one.sheds, excess * 8 * 1000 / block_ms, span);
  }
  const auto seconds = static_cast<double>(span.count()) * rounds;
  std::vector<json> lines;
  for (const auto& one : all)
    std::cout << lines.emplace_back(line_of(one, capacity, seconds)).dump() << '\n';
  std::cout << json{{"ratio", "moor/moor-without-shedding"},
                    {"goodput_ops", lines[0].at("goodput_ops").get<double>()
                                      / std::max(lines[1].at("goodput_ops").get<double>(), 1.0)}}
                 .dump()
            << '\n';
}

int main(int argc, char** argv) {
  const auto seconds = argc == 3 && std::string{argv[1]} == "--seconds" ? moor::parse_count(argv[2])
                                                                        : moor::parse_count("10");
  if ((argc != 1 && argc != 3) || !seconds || *seconds.value < 1 || *seconds.value > 1000) {
    std::cerr << "usage: overload [--seconds N], N from 1 to 1000, 10 if it is not given\n";
    return 2;
  }
  return figures::run_program("overload", [&] {
    moor::mongo::initialize_library();
    run(std::chrono::seconds{*seconds.value});
  });
}

} // namespace
} // namespace overload

int main(int argc, char** argv) {
  return overload::main(argc, argv);
}
