#include "moor/runtime/component_reload.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include "moor/actors/log_fields.hpp"
#include "moor/config/finding.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/runtime/grace.hpp"
#include "moor/runtime/reload_desk.hpp"
#include "moor/runtime/server_limit.hpp"
#include "moor/runtime/settings_change.hpp"

namespace moor {

caf::expected<reload_report> reload_one(caf::actor_system& system, const pool_directory& pools,
                                        const logger& log, reload order) {
  const auto& config = *order.config;
  caf::scoped_actor self{system};
  auto pool = pools.find(config.name);
  server_limit_verdict limits;
  if (!pool) {
    // With a mistake in the settings the name may not be the one that was meant.
    order.refusal = refused(has_errors(order.findings)
                              ? in_words(order.findings)
                              : "There is no pool of the name " + printable(config.name)
                                  + "; another name needs a restart");
    pool = pools.only_one(); // which logs and counts it: no other can have been meant
  } else if (!has_errors(order.findings)) {
    limits = judge_growth(self, caf::actor_cast<pool_actor>(pool->address), config);
    if (!limits.problem.empty())
      order.refusal = refused(limits.problem);
  }
  if (!pool) {
    log(log_level::error, "pool=" + actors::quoted(config.name)
                            + " event=reload_refused cause=" + actors::quoted(order.refusal->text));
    return make_error(*order.refusal);
  }
  // Those that come first may take as long, each of them. Nobody has judged the timeout yet.
  const auto each = std::clamp(config.connect_timeout, duration::zero(), longest_timeout) + grace;
  const auto limit = std::min<duration>(longest_timeout, each * (reload_desk::most_waiting + 2));
  caf::expected<reload_report> got{make_error(errc::stopped)};
  self->request(pool->address, limit, std::move(order))
    .receive([&](reload_report& report) { got = std::move(report); },
             [&](caf::error& err) { got = std::move(err); });
  if (got && !limits.unknown.empty())
    got->warnings.push_back(limits.unknown);
  return got;
}

} // namespace moor
