#include "moor/actors/leak_lines.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "moor/actors/log_fields.hpp"

namespace moor::actors {

namespace {

/// A mass leak must not flood the log: `get_leaks` and `get_leases` have the others.
constexpr std::size_t most_lines = 10;

/// One line for all frames.
std::string in_one_line(std::string stack) {
  std::replace(stack.begin(), stack.end(), '\n', '|');
  return stack;
}

std::string fields(const lease_record& l) {
  return " lease=" + std::to_string(l.lease) + " connection=" + std::to_string(l.connection)
         + " held_ms=" + milliseconds(l.held) + " threshold_ms=" + milliseconds(l.threshold)
         + " operation=" + quoted(l.operation) + " borrower=" + std::to_string(l.borrower)
         + " borrower_name=" + quoted(l.borrower_name)
         + " since_unix_ms=" + std::to_string(l.since_unix_ms) + " where=" + quoted(l.where)
         + (l.stack.empty() ? "" : " stack=" + quoted(in_one_line(l.stack)));
}

std::string head(const std::string& pool, std::string_view event) {
  return "pool=" + quoted(pool) + " event=" + std::string{event};
}

} // namespace

std::vector<std::string> lines_about(const std::string& pool, const machines::report_leaks& found) {
  const auto count = found.leases.size();
  const auto shown = std::min(count, most_lines);
  std::vector<std::string> lines;
  if (count > shown)
    lines.push_back(head(pool, "leaks_suspected") + " count=" + std::to_string(count)
                    + " shown=" + std::to_string(shown));
  for (std::size_t i = 0; i < shown; ++i)
    lines.push_back(head(pool, "leak_suspected") + fields(found.leases[i]));
  return lines;
}

std::string line_about(const std::string& pool, const machines::report_ended& ended) {
  return head(pool, ended.outcome == leak_outcome::revoked ? "leak_revoked" : "leak_returned_late")
         + fields(ended.lease);
}

std::string line_about(const std::string& pool, const machines::revoke_leak& revoked) {
  return head(pool, "leak_revoking") + " lease=" + std::to_string(revoked.lease)
         + " cause=" + quoted(revoked.why);
}

} // namespace moor::actors
