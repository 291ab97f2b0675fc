#include "moor/machines/health_words.hpp"

#include <chrono>
#include <cmath>

namespace moor::machines {

namespace {

/// With one digit behind the point.
std::string tenths(std::int64_t count) {
  return std::to_string(count / 10) + '.' + std::to_string(count % 10);
}

} // namespace

std::string in_words(duration span) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  if (span < seconds{1})
    return tenths(span / std::chrono::microseconds{100}) + " ms";
  return tenths(span / milliseconds{100}) + " s";
}

std::string percent(double share) {
  return std::to_string(std::lround(share * 100)) + '%';
}

} // namespace moor::machines
