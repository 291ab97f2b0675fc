// What benchmarks do with figures, and how their programs end.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <iostream>
#include <vector>

namespace figures {

/// Of an even number the mean of the two in the middle. Not to be called without any.
inline double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  const auto half = of.size() / 2;
  return of.size() % 2 == 1 ? of[half] : (of[half - 1] + of[half]) / 2;
}

/// The value below which the given share of them lies. Not to be called without any.
inline double quantile(std::vector<double> of, double share) {
  std::sort(of.begin(), of.end());
  return of[std::min(of.size() - 1,
                     static_cast<std::size_t>(share * static_cast<double>(of.size())))];
}

/// To a number of parts of one: 10 keeps one decimal place.
inline double rounded(double value, double parts) {
  return std::round(value * parts) / parts;
}

/// Does the work, whose figures go to standard output. The exit code: 1 if it threw, which is told
/// under the program's name, or if not all could be written.
template <class F>
int run_program(const char* name, F work) {
  try {
    work();
    return std::cout.flush() ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << name << ": " << e.what() << '\n';
    return 1;
  }
}

} // namespace figures
