#include "moor/runtime/server_limit.hpp"

#include <chrono>
#include <cstdint>

#include "moor/config/policy.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/server_view.hpp"
#include "moor/runtime/ask.hpp"
#include "moor/runtime/grace.hpp"

namespace moor {

namespace {

bool is_a_rule_for(const settings& config) {
  return !server_limit_problem(config, 0).empty();
}

server_limit_verdict ask_and_judge(caf::scoped_actor& self, const pool_actor& pool,
                                   const settings& config, priority level) {
  server_limit_verdict verdict;
  ask_command(self, pool,
              {.operation = "serverStatus", .timeout = config.connect_timeout, .level = level},
              "admin", mongo::status_command())
    .receive(
      [&](const document& answer) {
        server_view seen;
        mongo::read_status(answer, seen);
        // Some servers say that none is left at any time.
        if (seen.connections_available && *seen.connections_available > 0
            && seen.connections_current)
          verdict.problem = server_limit_problem(
            config, static_cast<std::uint64_t>(*seen.connections_available)
                      + static_cast<std::uint64_t>(*seen.connections_current));
      },
      [&](const caf::error& why) { // this user may not ask that, for instance
        verdict.unknown = "the server's limit could not be asked: " + describe(why);
      });
  return verdict;
}

} // namespace

/// As an ordinary request: nobody waits yet, and a pool keeps connections for critical requests
/// from the first of them on.
server_limit_verdict judge_server_limit(caf::scoped_actor& self, const pool_actor& pool,
                                        const settings& config) {
  return is_a_rule_for(config) ? ask_and_judge(self, pool, config, priority::normal)
                               : server_limit_verdict{};
}

/// A pool may be to grow since it is overloaded, where an ordinary request is late, or shed.
server_limit_verdict judge_growth(caf::scoped_actor& self, const pool_actor& pool,
                                  const settings& wanted) {
  bool grows = false;
  if (is_a_rule_for(wanted))
    self->request(pool, grace, get_stats{})
      .receive([&](const pool_stats& now) { grows = wanted.max_pool_size > now.max_size; },
               [](const caf::error&) { /* it refuses the reload then, too */ });
  return grows ? ask_and_judge(self, pool, wanted, priority::critical) : server_limit_verdict{};
}

} // namespace moor
