#include "screen.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <vector>

namespace package_index {

namespace {

double seconds(moor::duration span) {
  return std::chrono::duration<double>{span}.count();
}

/// 1234567 → 1,234,567
std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3)
    text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

std::string milliseconds(moor::duration span) {
  return fixed(seconds(span) * 1e3, 2) + " ms";
}

/// "p50 1.20 ms, p99 4.05 ms".
std::string percentiles(std::vector<moor::duration>& of) {
  if (of.empty())
    return "none";
  const auto at = [&](double share) {
    const auto rank = std::ceil(share * static_cast<double>(of.size())) - 1;
    const auto place = of.begin() + static_cast<std::ptrdiff_t>(std::max(rank, 0.0));
    std::nth_element(of.begin(), place, of.end());
    return milliseconds(*place);
  };
  return "p50 " + at(0.50) + ", p99 " + at(0.99);
}

/// The first `most` of the rows, and how many more there are.
template <class F>
std::string listed(const std::vector<counted>& rows, std::size_t most, F text_of) {
  std::string result;
  for (std::size_t i = 0; i < std::min(most, rows.size()); ++i)
    result += (i == 0 ? "" : ", ") + text_of(rows[i]);
  if (rows.size() > most)
    result += " and " + grouped(rows.size() - most) + " more";
  return result;
}

std::string with_number(const counted& row) {
  return row.first + " " + grouped(static_cast<std::uint64_t>(row.second));
}

std::string with_size(const counted& row) {
  return row.first + " " + fixed(static_cast<double>(row.second) / 1024, 1) + " MiB";
}

std::string name_only(const counted& row) {
  return row.first;
}

void line(std::ostream& out, const char* name, const std::string& text) {
  out << std::left << std::setw(20) << name << text << '\n';
}

std::string change_events(const summary& s) {
  return s.no_change_stream ? "none, the server has no change streams" : grouped(s.seen.events);
}

std::string operations(const summary& s) {
  const auto sum = s.load.look_ups + s.load.aggregations;
  const auto rate = static_cast<double>(sum) / seconds(s.loading);
  return grouped(sum) + " in " + fixed(seconds(s.loading), 1) + " s, "
         + grouped(static_cast<std::uint64_t>(rate)) + "/s (" + grouped(s.load.look_ups)
         + " look-ups, " + grouped(s.load.aggregations) + " aggregations)";
}

} // namespace

std::string fixed(double number, int places) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(places) << number;
  return text.str();
}

void progress_display::show(const progress& now) {
  constexpr double width = 30;
  if (is_terminal_) {
    const auto full = static_cast<std::size_t>(std::clamp(now.share, 0.0, 1.0) * width);
    out_ << "\r\033[K" << std::left << std::setw(30) << now.doing << " [" << std::string(full, '#')
         << std::string(static_cast<std::size_t>(width) - full, '.') << "] " << now.detail;
  } else if (now.doing != last_ || now.share >= 1) {
    out_ << now.doing << (now.detail.empty() ? "" : ": ") << now.detail << '\n';
  }
  last_ = now.doing;
  out_.flush();
}

void progress_display::clear() {
  if (is_terminal_ && !last_.empty())
    out_ << "\r\033[K";
  last_.clear();
  out_.flush();
}

void print(std::ostream& out, summary s, const circumstances& about) {
  line(out, "packages indexed",
       grouped(about.packages) + " in " + fixed(seconds(s.indexing), 2) + " s ("
         + grouped(s.indexed.by_run) + " by run, " + grouped(s.indexed.by_command)
         + " by command)");
  line(out, "packages by section", listed(s.sections, 5, with_number));
  line(out, "largest", listed(s.largest, 3, with_size));
  line(out, "dependants",
       grouped(s.dependants.size()) + " of " + about.dependants_of
         + (s.dependants.empty() ? "" : ": ") + listed(s.dependants, 5, name_only));
  line(out, "operations", operations(s));
  line(out, "answer time", percentiles(s.load.took));
  line(out, "wait for connection",
       percentiles(s.waiting.took)
         + (s.waiting.missed == 0 ? "" : " (" + grouped(s.waiting.missed) + " events missed)"));
  line(out, "connections",
       grouped(s.pool.total) + " of at most " + grouped(s.pool.max_size) + ", "
         + grouped(s.pool.granted) + " leases granted");
  line(out, "change events", change_events(s));
  line(out, "errors",
       grouped(s.load.errors) + (s.load.errors == 0 ? "" : ", the last: " + s.load.last_error));
  out.flush();
}

} // namespace package_index
