#include "moor/config/parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace moor {

namespace {

struct unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

/// From the largest to the smallest, so that printing takes the first that divides evenly.
constexpr std::array<unit, 6> units{{{"h", 3'600'000'000'000},
                                     {"min", 60'000'000'000},
                                     {"s", 1'000'000'000},
                                     {"ms", 1'000'000},
                                     {"us", 1'000},
                                     {"ns", 1}}};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

template <class T>
parsed<T> refuse(std::string problem) {
  return {std::nullopt, std::move(problem)};
}

template <class T>
parsed<T> accept(T value) {
  return {value, {}};
}

/// What is wrong with a text that must start with a digit; empty if it does.
std::string bad_start(std::string_view text) {
  if (text.empty())
    return "is empty";
  if (text.front() == '-')
    return "is negative";
  return is_digit(text.front()) ? "" : "does not start with a digit";
}

parsed<duration> in_unit(std::string_view number, std::int64_t nanoseconds) {
  const auto count = parse_count(number);
  if (!count)
    return refuse<duration>(count.problem);
  const auto most
    = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / nanoseconds);
  if (*count.value > most)
    return refuse<duration>("is too large");
  return accept(duration{static_cast<std::int64_t>(*count.value) * nanoseconds});
}

} // namespace

parsed<std::uint64_t> parse_count(std::string_view text) {
  if (auto problem = bad_start(text); !problem.empty())
    return refuse<std::uint64_t>(std::move(problem));
  if (!std::all_of(text.begin(), text.end(), is_digit))
    return refuse<std::uint64_t>("is not a whole number of decimal digits");
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return refuse<std::uint64_t>("is too large");
  return accept(number);
}

parsed<duration> parse_duration(std::string_view text) {
  if (auto problem = bad_start(text); !problem.empty())
    return refuse<duration>(std::move(problem));
  const auto* end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto number = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  auto name = text.substr(number.size());
  if (name.empty()) {
    const bool zero = number.find_first_not_of('0') == std::string_view::npos;
    return zero ? accept(duration::zero())
                : refuse<duration>("has no unit (ns, us, ms, s, min or h)");
  }
  if (name.front() == '.' || name.front() == ',')
    return refuse<duration>(
      "is not a whole number and a unit (write 1500ms for one and a half seconds)");
  if (name.front() == ' ')
    name.remove_prefix(1);
  const auto* found
    = std::find_if(units.begin(), units.end(), [&](const unit& x) { return x.name == name; });
  if (found == units.end())
    return refuse<duration>("has an unknown unit (known are ns, us, ms, s, min and h)");
  return in_unit(number, found->nanoseconds);
}

parsed<duration> parse_milliseconds(std::string_view text) {
  return in_unit(text, 1'000'000);
}

parsed<double> parse_number(std::string_view text) {
  if (auto problem = bad_start(text); !problem.empty())
    return refuse<double>(std::move(problem));
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range)
    return refuse<double>("is out of range");
  if (error != std::errc{} || end != text.data() + text.size())
    return refuse<double>("is not a number");
  if (!std::isfinite(number))
    return refuse<double>("is not finite");
  return accept(number);
}

parsed<double> parse_fraction(std::string_view text) {
  if (!text.ends_with('%'))
    return parse_number(text);
  auto percent = parse_number(text.substr(0, text.size() - 1));
  if (percent)
    *percent.value /= 100;
  return percent;
}

std::string format_duration(duration span) {
  const std::int64_t count = span.count();
  if (count == 0)
    return "0";
  const auto fits = [&](const unit& x) { return count % x.nanoseconds == 0; };
  const auto& best = *std::find_if(units.begin(), units.end(), fits);
  return std::to_string(count / best.nanoseconds).append(best.name);
}

std::string format_number(double number) {
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return error == std::errc{} ? std::string{buffer.data(), end} : std::string{"?"};
}

} // namespace moor
