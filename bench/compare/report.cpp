#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../figures.hpp"

namespace compare {

namespace {

using figures::median;
using figures::rounded;

double microseconds(nanoseconds span) {
  return rounded(std::chrono::duration<double, std::micro>{span}.count(), 10);
}

/// The time that the given share of the times does not exceed; null if there are none.
json percentile(std::vector<nanoseconds>& of, double share) {
  if (of.empty())
    return nullptr;
  const auto rank = std::max(std::ceil(share * static_cast<double>(of.size())) - 1, 0.0);
  const auto place = of.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(of.begin(), place, of.end());
  return microseconds(*place);
}

std::vector<nanoseconds> collected(std::vector<samples>& of,
                                   std::vector<nanoseconds> samples::*from) {
  std::vector<nanoseconds> all;
  for (auto& one : of)
    all.insert(all.end(), (one.*from).begin(), (one.*from).end());
  return all;
}

} // namespace

json line_of(const options& what, result measured) {
  auto total = collected(measured.clients, &samples::total);
  auto wait = collected(measured.clients, &samples::wait);
  std::uint64_t all = 0;
  std::uint64_t errors = 0;
  std::uint64_t answers = 0;
  for (const auto& one : measured.clients) {
    answers += one.answers;
    all += one.operations;
    errors += one.errors;
  }
  const auto [fewest, most]
    = std::minmax_element(measured.clients.begin(), measured.clients.end(),
                          [](const auto& a, const auto& b) { return a.operations < b.operations; });
  const std::chrono::duration<double> seconds = measured.length;
  return {{"contender", what.contender},
          {"clients", what.clients},
          {"connections", what.connections},
          {"ops_per_second", rounded(static_cast<double>(all) / seconds.count(), 10)},
          {"total_p50_us", percentile(total, 0.50)},
          {"total_p99_us", percentile(total, 0.99)},
          {"total_p999_us", percentile(total, 0.999)},
          {"total_max_us", percentile(total, 1)},
          {"wait_p50_us", percentile(wait, 0.50)},
          {"wait_p99_us", percentile(wait, 0.99)},
          {"most_ops", most->operations},
          {"fewest_ops", fewest->operations},
          {"cpu_us_per_op", microseconds(measured.cpu / std::max<std::uint64_t>(answers, 1))},
          {"errors", errors}};
}

json ratio_of(const json& mine, const json& theirs) {
  json line{{"ratio", mine.at("contender").get<std::string>() + "/"
                        + theirs.at("contender").get<std::string>()},
            {"clients", mine.at("clients")},
            {"connections", mine.at("connections")}};
  for (const auto* field : {"ops_per_second", "total_p99_us", "total_max_us", "cpu_us_per_op"}) {
    const auto& divisor = theirs.at(field);
    if (mine.at(field).is_number() && divisor.is_number() && divisor.get<double>() > 0)
      line[field] = rounded(mine.at(field).get<double>() / divisor.get<double>(), 1000);
    else
      line[field] = nullptr;
  }
  return line;
}

json median_of(const std::vector<json>& rounds) {
  auto line = rounds.front();
  for (auto& [field, value] : line.items()) {
    std::vector<double> numbers;
    for (const auto& round : rounds)
      if (round.at(field).is_number())
        numbers.push_back(round.at(field).get<double>());
    if (rounds.size() == 1 || numbers.empty())
      continue;
    if (field == "errors")
      value = static_cast<std::uint64_t>(std::accumulate(numbers.begin(), numbers.end(), 0.0));
    else if (value.is_number_integer())
      value = std::llround(median(numbers));
    else
      value = median(numbers);
  }
  return line;
}

} // namespace compare
