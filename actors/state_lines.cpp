#include "moor/actors/state_lines.hpp"

#include <utility>
#include <vector>

#include "moor/actors/log_fields.hpp"

namespace moor::actors {

namespace {

/// How bad a state is; an end in good order is not.
int badness(health_state state) {
  switch (state) {
    case health_state::degraded: return 1;
    case health_state::unavailable: return 2;
    default: return 0;
  }
}

/// A beginning and an end in good order are the program's own doing, and no news to it.
log_level level_of(const health_change& what) {
  if (badness(what.to) > badness(what.from))
    return log_level::warning;
  const auto recovers = badness(what.from) > 0 && what.to != health_state::draining
                        && what.to != health_state::stopped;
  return recovers ? log_level::info : log_level::debug;
}

std::string joined(const std::vector<std::string>& causes) {
  std::string list;
  for (const auto& cause : causes)
    list += (list.empty() ? "" : "; ") + cause;
  return list;
}

} // namespace

void health_log::changed(const health_change& what, instant now) {
  const auto level = level_of(what);
  if (!log_.wants(level))
    return;
  const auto suppressed = limit_.permit(now);
  if (!suppressed)
    return;
  log_(level, "pool=" + quoted(pool_) + " event=health_changed from="
                + std::string{to_string(what.from)} + " to=" + std::string{to_string(what.to)}
                + (what.causes.empty() ? "" : " cause=" + quoted(joined(what.causes)))
                + " suppressed=" + std::to_string(*suppressed));
}

void establishing_log::failed(const failure& why, instant now) {
  if (++failures_ == 1)
    since_ = now;
  auto cause = describe(why);
  if (cause == said_)
    return;
  const auto suppressed = limit_.permit(now);
  if (!suppressed)
    return;
  log_(log_level::warning, "pool=" + quoted(pool_) + " event=establishing_failed cause="
                             + quoted(cause) + " suppressed=" + std::to_string(*suppressed));
  said_ = std::move(cause);
}

void establishing_log::worked(instant now) {
  if (!std::exchange(said_, {}).empty())
    log_(log_level::info, "pool=" + quoted(pool_)
                            + " event=establishing_recovered failures=" + std::to_string(failures_)
                            + " lasted_ms=" + milliseconds(now - since_));
  failures_ = 0;
}

} // namespace moor::actors
