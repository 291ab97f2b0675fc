#include "moor/runtime/http/answers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include <prometheus/collectable.h>

#include "moor/config/text.hpp"
#include "moor/runtime/http/live_page.hpp"
#include "moor/runtime/http/metrics_text.hpp"

namespace moor::http {

namespace {

constexpr std::string_view live_path = "/health/live";

std::int64_t now_unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

answer json_answer(std::string body) {
  answer result;
  result.type = "application/json";
  result.body = std::move(body);
  return result;
}

answer page() {
  const auto nonce = fresh_nonce();
  answer result;
  result.type = "text/html; charset=utf-8";
  result.body = live_page(nonce);
  result.headers.emplace_back("Content-Security-Policy", live_page_policy(nonce));
  return result;
}

answer readiness(const snapshots& pools) {
  const auto now = now_unix_ms();
  auto result = json_answer(readiness_json(pools, now));
  const bool ready = !pools.empty() && std::ranges::all_of(pools, [now](const auto& x) {
    return is_ready(*x, now);
  });
  result.status = ready ? 200 : 503;
  return result;
}

answer event_stream() {
  answer result;
  result.type = "text/event-stream";
  result.streams = true;
  return result;
}

answer refused_method() {
  auto result = text_answer(405, "only GET and HEAD are served here");
  result.headers.emplace_back("Allow", "GET, HEAD");
  return result;
}

/// A request has one (RFC 9112, section 3.2), which HTTP/1.0 did not know yet.
bool is_host_wrong(const request& what) noexcept {
  return what.hosts > 1 || (what.hosts == 0 && what.version != "1.0");
}

answer wanted_password() {
  auto result = text_answer(401, "user and password, please");
  result.headers.emplace_back("WWW-Authenticate", R"(Basic realm="moor", charset="UTF-8")");
  return result;
}

} // namespace

bool is_local_host(std::string_view host) {
  if (host.starts_with('['))
    return true;
  const auto name = to_lower(host.substr(0, host.find(':')));
  return name.empty() || name == "localhost" || name.ends_with(".localhost")
         || name.find_first_not_of("0123456789.") == name.npos;
}

answers::answers(std::shared_ptr<actors::board> shown,
                 std::shared_ptr<prometheus::Collectable> metrics, credentials wanted,
                 bool local_only)
  : shown_{std::move(shown)},
    metrics_{std::move(metrics)},
    wanted_{std::move(wanted)},
    local_only_{local_only} {}

answer answers::to(const request& what) const {
  if (what.header_bytes > most_header_bytes)
    return text_answer(431, "the headers are too large");
  if (is_host_wrong(what))
    return text_answer(400, "a request has one Host header");
  if (what.method != "GET" && what.method != "HEAD")
    return refused_method();
  if (what.has_body)
    return text_answer(413, "a request here has no body");
  if (local_only_ && !is_local_host(what.host))
    return text_answer(421, "this is not the machine of that name; ask for localhost");
  // Orchestrators ask without credentials whether the process lives, and learn no more than that.
  if (what.path != live_path && !wanted_.open_with(what.authorization))
    return wanted_password();
  return route(what);
}

answer answers::route(const request& what) const {
  if (what.path == "/")
    return page();
  if (what.path == "/metrics")
    return metrics(what);
  if (what.path == "/stats")
    return json_answer(stats());
  if (what.path == "/events")
    return event_stream();
  if (what.path == live_path)
    return json_answer(R"({"live":true})");
  if (what.path == "/health/ready")
    return readiness(shown_->all());
  return text_answer(404, "nothing here; there are /, /stats, /events, /metrics, /health/live and "
                          "/health/ready");
}

answer answers::metrics(const request& what) const {
  const auto format = wanted_format(what.accept);
  answer result;
  result.type = type_of(format);
  result.headers.emplace_back("Vary", "Accept");
  result.body = metrics_text(
    metrics_ ? metrics_->Collect() : std::vector<prometheus::MetricFamily>{}, format);
  return result;
}

std::string answers::stats() const {
  return stats_json(texts_->of(look()), now_unix_ms());
}

std::string answers::event(const snapshots& pools) const {
  return "data: " + stats_json(texts_->of(pools), now_unix_ms()) + "\n\n";
}

std::string answers::beat() {
  return "event: beat\ndata: {\"now_unix_ms\":" + std::to_string(now_unix_ms()) + "}\n\n";
}

snapshots answers::look() const {
  shown_->look();
  return shown_->all();
}

} // namespace moor::http
