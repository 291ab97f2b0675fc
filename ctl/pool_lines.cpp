#include "moor/ctl/pool_lines.hpp"

#include <algorithm>
#include <chrono>

#include "moor/ctl/format.hpp"
#include "moor/ctl/rates.hpp"

namespace moor::ctl {

namespace {

constexpr std::size_t most_causes = 3;
constexpr std::size_t bar_width = 20;

std::string labelled(std::string_view label, std::string_view text) {
  return "  " + fitted(label, 13) + std::string{text};
}

tone tone_of(const pool_figures_row& pool) noexcept {
  if (pool.health == "healthy" && pool.answers)
    return tone::good;
  return pool.health == "unavailable" || !pool.answers ? tone::bad : tone::warning;
}

/// "[#####++...]": in use, available, free.
std::string bar(const pool_figures_row& pool) {
  if (pool.max_size == 0)
    return {};
  const auto share = [&](std::uint64_t part) {
    const auto held = std::min(part, pool.max_size);
    return static_cast<std::size_t>((held * bar_width + pool.max_size / 2) / pool.max_size);
  };
  const auto used = share(pool.in_use);
  const auto taken = std::clamp(share(pool.total), used, bar_width);
  return "[" + std::string(used, '#') + std::string(taken - used, '+')
         + std::string(bar_width - taken, '.') + "] ";
}

std::string connections(const pool_figures_row& pool) {
  auto text
    = bar(pool) + grouped(pool.in_use) + " in use, " + grouped(pool.available) + " available";
  for (const auto& [count, state] :
       {std::pair{pool.pending, " pending"}, std::pair{pool.checking, " being checked"},
        std::pair{pool.closing, " closing"}})
    if (count != 0)
      text += ", " + grouped(count) + state;
  return text + ", " + grouped(pool.min_size) + " to " + grouped(pool.max_size) + " wanted";
}

/// "12,345 granted (123/s)".
std::string total_and_rate(std::uint64_t pool_figures_row::*member, const char* what,
                           const pool_figures_row& now, const pool_figures_row* before) {
  auto text = grouped(now.*member) + ' ' + what;
  if (before == nullptr)
    return text;
  const auto per_second
    = rate_of(before->*member, now.*member, now.at_unix_ms - before->at_unix_ms);
  return per_second && *per_second > 0 ? text + " (" + rate(*per_second) + ")" : text;
}

std::string requests(const pool_figures_row& now, const pool_figures_row* before) {
  using row = pool_figures_row;
  const auto each = [&](std::uint64_t row::*member, const char* what) {
    return total_and_rate(member, what, now, before);
  };
  return each(&row::granted, "granted") + ", " + each(&row::timed_out, "timed out") + ", "
         + each(&row::refused, "refused") + ", " + each(&row::shed, "of them shed") + ", "
         + each(&row::retried, "retried");
}

std::string times(const pool_figures_row& now, const pool_figures_row* before) {
  const auto one = [&](const char* what, timing pool_figures_row::*member) {
    const auto mean = mean_ms(before == nullptr ? nullptr : &(before->*member), now.*member);
    return std::string{what} + (mean ? " mean " + milliseconds_for_people(*mean) : " none")
           + ", longest " + milliseconds_for_people((now.*member).longest_ms);
  };
  return one("waiting", &pool_figures_row::wait_time) + "; "
         + one("use", &pool_figures_row::use_time);
}

std::string server(const pool_figures_row& pool) {
  auto text = "round trip mean " + milliseconds_for_people(pool.round_trip_mean_ms);
  if (pool.server_connections)
    text += ", " + counted(*pool.server_connections, "connection");
  if (pool.server_available)
    text += ", "
            + (*pool.server_available == 0 ? std::string{"an unknown number"}
                                           : grouped(*pool.server_available))
            + " left";
  return text;
}

std::string trouble(const pool_figures_row& now, const pool_figures_row* before) {
  using row = pool_figures_row;
  return total_and_rate(&row::errors, "errors", now, before) + ", " + grouped(now.reconnections)
         + " reconnections, " + grouped(now.restarts) + " restarts, " + grouped(now.leaks_now)
         + " leaks out of " + grouped(now.leaks_suspected) + " suspected";
}

bool is_troubled(const pool_figures_row& now) noexcept {
  return now.leaks_now != 0 || now.operations_breaker != "closed"
         || now.establishing_breaker != "closed";
}

std::string since(std::int64_t then_unix_ms, std::int64_t now_unix_ms) {
  return for_people(std::chrono::milliseconds{
    std::clamp<std::int64_t>(now_unix_ms - then_unix_ms, 0, std::int64_t{1'000'000'000'000})});
}

std::string headline(const pool_figures_row& pool, std::int64_t now_unix_ms) {
  return "pool " + pool.name + ": " + pool.health + (pool.read_only ? ", read-only" : "")
         + (pool.answers ? "" : ", does not answer") + " (" + pool.phase + ", generation "
         + std::to_string(pool.generation) + "), " + pool.address + ", for "
         + since(pool.began_unix_ms, now_unix_ms);
}

} // namespace

std::vector<line> state_lines(const pool_figures_row& now, const pool_figures_row* before,
                              std::int64_t now_unix_ms) {
  std::vector<line> result{{headline(now, now_unix_ms), tone_of(now)}};
  const auto add = [&](std::string_view label, const std::string& text, tone how = tone::plain) {
    result.push_back({labelled(label, text), how});
  };
  for (std::size_t i = 0; i < std::min(now.causes.size(), most_causes); ++i)
    add("because", now.causes[i], tone_of(now));
  add("connections", connections(now));
  add("queue",
      counted(now.waiting, "request")
        + (now.waiting == 0 ? std::string{}
                            : ", the oldest for " + milliseconds_for_people(now.oldest_wait_ms)),
      now.waiting == 0 ? tone::plain : tone::warning);
  add("times", times(now, before));
  add("requests", requests(now, before));
  add("server", server(now));
  add("breakers",
      "operations " + now.operations_breaker + ", establishing " + now.establishing_breaker,
      is_troubled(now) ? tone::warning : tone::plain);
  add("trouble", trouble(now, before), is_troubled(now) ? tone::warning : tone::plain);
  if (!now.last_error.empty())
    add("last error", since(now.last_error_unix_ms, now_unix_ms) + " ago: " + now.last_error,
        tone::faint);
  return result;
}

std::vector<line> operation_lines(const pool_figures_row& now, const pool_figures_row* before,
                                  std::size_t width) {
  if (now.operations.empty())
    return {};
  constexpr std::size_t figures = std::size_t{6} * 11; // columns of the figures
  const auto name_width
    = std::clamp<std::size_t>(width > figures + 2 ? width - figures - 2 : 0, 8, 40);
  const auto row = [&](std::string_view name, std::initializer_list<std::string> cells) {
    auto text = "  " + fitted(name, name_width);
    for (const auto& cell : cells)
      text += fitted_right(cell, 11);
    return text;
  };
  std::vector<line> result{
    {row("operation", {"commands", "per second", "mean", "longest", "failed", "slow"}),
     tone::strong}};
  for (const auto& one : now.operations) {
    const auto* then = find_operation(before, one.name);
    const auto count = one.succeeded.count + one.failed.count;
    const auto per_second
      = before == nullptr
          ? std::nullopt
          : rate_of(then == nullptr ? 0 : then->succeeded.count + then->failed.count, count,
                    now.at_unix_ms - before->at_unix_ms);
    const auto mean = mean_ms(then == nullptr ? nullptr : &then->succeeded, one.succeeded);
    result.push_back({row(one.name, {grouped(count), per_second ? rate(*per_second) : "-",
                                     mean ? milliseconds_for_people(*mean) : "-",
                                     milliseconds_for_people(
                                       std::max(one.succeeded.longest_ms, one.failed.longest_ms)),
                                     grouped(one.failed.count), grouped(one.slow)}),
                      tone::plain});
  }
  return result;
}

std::vector<line> lease_lines(const pool_figures_row& now, std::size_t width) {
  if (now.leases.empty())
    return {};
  constexpr std::size_t figures = 12 + 11 + 10;
  const auto rest = std::max<std::size_t>(width > figures + 2 ? width - figures - 2 : 0, 24);
  const auto row = [&](const std::string& connection, const std::string& held,
                       const std::string& use, const lease_row* one) {
    return "  " + fitted(connection, 12) + fitted(held, 11) + fitted(use, 10)
           + fitted(one == nullptr ? "operation" : one->operation, rest / 3) + " "
           + fitted(one == nullptr ? "borrower" : one->borrower, rest / 3) + " "
           + fitted(one == nullptr ? "where" : one->where, rest - 2 * (rest / 3) - 2);
  };
  std::vector<line> result{{row("connection", "held for", "use", nullptr), tone::strong}};
  for (const auto& one : now.leases)
    result.push_back({row('#' + std::to_string(one.connection),
                          milliseconds_for_people(one.held_ms), one.use, &one),
                      tone::plain});
  return result;
}

} // namespace moor::ctl
