#include "moor/config/allowance.hpp"

#include <algorithm>
#include <cstddef>

#include "moor/config/text.hpp"

namespace moor {

namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return text;
}

std::string unknown(std::string_view name) {
  std::string_view best;
  auto best_distance = 2 + name.size() / 6; // one typing error, and one more per six characters
  for (const auto one : all_allowances) {
    const auto known = to_string(one);
    const auto distance = edit_distance(to_lower(name), known);
    if (distance < best_distance) {
      best = known;
      best_distance = distance;
    }
  }
  const std::string problem = "holds a name that is no exception";
  return best.empty() ? problem : problem + " (the nearest one is " + std::string{best} + ")";
}

} // namespace

std::string_view to_string(allowance what) noexcept {
  switch (what) {
    case allowance::no_tls: return "no-tls";
    case allowance::tls_insecure: return "tls-insecure";
    case allowance::tls_allow_invalid_certificates: return "tls-allow-invalid-certificates";
    case allowance::tls_allow_invalid_hostnames: return "tls-allow-invalid-hostnames";
    case allowance::no_credentials: return "no-credentials";
    case allowance::world_readable_secrets: return "world-readable-secrets";
    case allowance::pool_above_server_limit: return "pool-above-server-limit";
    case allowance::zero_timeouts: return "zero-timeouts";
    case allowance::http_no_credentials: return "http-no-credentials";
    case allowance::http_no_tls: return "http-no-tls";
  }
  return "unknown";
}

std::string to_string(const allowances& all) {
  std::string list;
  for (const auto one : all_allowances)
    if (all.has(one))
      (list += list.empty() ? "" : ",") += to_string(one);
  return list.empty() ? "none" : list;
}

std::optional<allowances> parse_allowances(std::string_view text, std::string& problem) {
  allowances result;
  if (trimmed(text) == "none")
    return result;
  for (auto rest = text;;) {
    const auto comma = rest.find(',');
    const auto name = trimmed(rest.substr(0, comma));
    const auto found
      = std::ranges::find_if(all_allowances, [&](allowance x) { return to_string(x) == name; });
    if (found == all_allowances.end()) {
      problem = text.empty() ? "is empty" : unknown(name);
      return std::nullopt;
    }
    result.add(*found);
    if (comma == std::string_view::npos)
      return result;
    rest.remove_prefix(comma + 1);
  }
}

} // namespace moor
