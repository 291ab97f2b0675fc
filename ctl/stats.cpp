#include "moor/ctl/stats.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "moor/ctl/format.hpp"

namespace moor::ctl {

namespace {

using nlohmann::json;

/// The field of an object; null where there is none.
const json& at(const json& object, const char* key) {
  static const json nothing;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found == object.end() ? nothing : *found;
}

std::string text(const json& object, const char* key) {
  const auto& value = at(object, key);
  return value.is_string() ? harmless(value.get_ref<const std::string&>()) : std::string{};
}

double number(const json& object, const char* key) {
  const auto& value = at(object, key);
  return value.is_number() ? value.get<double>() : 0;
}

std::int64_t whole(const json& object, const char* key) {
  const auto& value = at(object, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

std::uint64_t count(const json& object, const char* key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(whole(object, key), 0));
}

bool flag(const json& object, const char* key) {
  const auto& value = at(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::optional<std::uint64_t> maybe_count(const json& object, const char* key) {
  if (!at(object, key).is_number_integer())
    return std::nullopt;
  return count(object, key);
}

/// What `make` makes of each element of an array.
template <class Make>
auto rows(const json& array, Make make) {
  std::vector<decltype(make(array))> result;
  if (array.is_array())
    for (const auto& one : array)
      result.push_back(make(one));
  return result;
}

timing timing_of(const json& from) {
  return {count(from, "count"), number(from, "total_ms"), number(from, "longest_ms")};
}

operation_row operation_of(const json& from) {
  return {text(from, "operation"), timing_of(at(from, "succeeded")), timing_of(at(from, "failed")),
          count(from, "slow")};
}

lease_row lease_of(const json& from) {
  auto borrower = text(from, "borrower_name");
  if (const auto id = count(from, "borrower"); id != 0)
    borrower += '#' + std::to_string(id);
  return {count(from, "lease"),    count(from, "connection"), text(from, "use"),
          text(from, "operation"), std::move(borrower),       text(from, "where"),
          number(from, "held_ms")};
}

void read_counts(const json& from, pool_figures_row& into) {
  into.phase = text(from, "phase");
  into.last_error = text(from, "last_error");
  into.last_error_unix_ms = whole(from, "last_error_unix_ms");
  using field = std::uint64_t pool_figures_row::*;
  using row = pool_figures_row;
  for (const auto& [key, member] :
       std::initializer_list<std::pair<const char*, field>>{{"generation", &row::generation},
                                                            {"total", &row::total},
                                                            {"in_use", &row::in_use},
                                                            {"available", &row::available},
                                                            {"pending", &row::pending},
                                                            {"checking", &row::checking},
                                                            {"closing", &row::closing},
                                                            {"min_size", &row::min_size},
                                                            {"max_size", &row::max_size},
                                                            {"waiting", &row::waiting},
                                                            {"granted", &row::granted},
                                                            {"timed_out", &row::timed_out},
                                                            {"refused", &row::refused},
                                                            {"shed", &row::shed},
                                                            {"retried", &row::retried},
                                                            {"errors", &row::errors},
                                                            {"reconnections", &row::reconnections},
                                                            {"restarts", &row::restarts}})
    into.*member = count(from, key);
}

void read_health(const json& from, pool_figures_row& into) {
  into.health = text(from, "state");
  into.read_only = flag(from, "read_only");
  into.round_trip_mean_ms = number(from, "round_trip_mean_ms");
  into.causes = rows(at(from, "causes"), [](const json& cause) {
    return cause.is_string() ? harmless(cause.get_ref<const std::string&>()) : std::string{};
  });
  into.server_connections = maybe_count(at(from, "server"), "connections_current");
  into.server_available = maybe_count(at(from, "server"), "connections_available");
}

pool_figures_row pool_of(const json& from) {
  pool_figures_row into;
  const auto& view = at(from, "view");
  into.name = text(from, "pool");
  into.address = text(from, "address");
  into.at_unix_ms = whole(from, "at_unix_ms");
  into.began_unix_ms = whole(from, "began_unix_ms");
  into.answers = flag(from, "pool_answers");
  read_counts(at(view, "stats"), into);
  read_health(at(from, "health"), into);
  into.oldest_wait_ms = number(view, "oldest_wait_ms");
  into.wait_time = timing_of(at(view, "wait_time"));
  into.use_time = timing_of(at(view, "use_time"));
  into.create_time = timing_of(at(view, "create_time"));
  into.operations_breaker = text(at(view, "operations_breaker"), "state");
  into.establishing_breaker = text(at(from, "establishing_breaker"), "state");
  into.leaks_now = count(at(from, "leaks"), "out_now");
  into.leaks_suspected = count(at(from, "leaks"), "suspected");
  into.operations = rows(at(at(view, "operations"), "operations"), operation_of);
  into.leases = rows(at(view, "leases"), lease_of);
  return into;
}

/// What every version of moor says of a pool: others' JSON may well have pools, too.
bool is_pool(const json& one) {
  return at(one, "pool").is_string() && at(at(one, "view"), "stats").is_object();
}

} // namespace

std::optional<stats> read_stats(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) // the parser takes it for the end
    return std::nullopt;
  const auto answer = json::parse(text, nullptr, false);
  const auto& pools = at(answer, "pools");
  if (!at(answer, "now_unix_ms").is_number_integer() || !pools.is_array()
      || !std::ranges::all_of(pools, is_pool))
    return std::nullopt;
  return stats{whole(answer, "now_unix_ms"), rows(at(answer, "pools"), pool_of)};
}

} // namespace moor::ctl
