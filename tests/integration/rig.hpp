// A component over the embedded server, asked by a scoped actor.
#pragma once

#include <caf/test/dsl.hpp>

#include <caf/scoped_actor.hpp>

#include <mongoc/mongoc.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <variant>

#include "moor/moor.hpp"
#include "support/embedded_server.hpp"
#include "support/lane.hpp"
#include "support/patience.hpp"

namespace moor::test {

using namespace std::chrono_literals;

/// An answer: the value or the error.
template <class T>
struct outcome {
  std::optional<T> value;
  caf::error error;

  bool refused(errc code) const { return !value && code_of(error) == code; }
};

class server_rig {
public:
  server_rig() {
    config.uri = server.uri("?directConnection=true");
    config.lane = wanted_lane();
    config.min_pool_size = 0;
    config.max_pool_size = 4;
    config.retry.attempts = 2;
    config.retry.first_delay = 10ms;
    config.retry.longest_delay = 50ms;
    config.statistics_interval = 0s;
    config.health.interval = 0s; // the connections at the server are counted
  }

  /// Starts the pool; the test fails if that does.
  pool_actor start() {
    auto started = db.start(config);
    if (!started)
      CAF_FAIL(describe(started.error()));
    return *started;
  }

  outcome<lease> lend(const pool_actor& pool, duration timeout = forever, bool dedicated = false) {
    outcome<lease> got;
    ask_lease(self, pool, {.operation = "test", .timeout = timeout}, {.dedicated = dedicated})
      .receive([&](lease& l) { got.value = std::move(l); },
               [&](caf::error& err) { got.error = std::move(err); });
    return got;
  }

  /// `where` is the pool or a lease.
  template <class Where>
  outcome<std::string> command(const Where& where, std::string_view json,
                               duration timeout = forever) {
    outcome<std::string> got;
    ask_command(self, where, {.operation = "test", .timeout = timeout}, "moor_test",
                std::get<document>(mongo::from_json(json)))
      .receive([&](document& d) { got.value = std::get<std::string>(mongo::to_json(d)); },
               [&](caf::error& err) { got.error = std::move(err); });
    return got;
  }

  template <class Where, class F>
  auto run(const Where& where, F function, duration timeout = forever) {
    using result = std::invoke_result_t<F&, mongoc_client_t&>;
    outcome<result> got;
    ask_run(self, where, {.operation = "test", .timeout = timeout}, std::move(function))
      .receive([&](result r) { got.value = std::move(r); },
               [&](caf::error& err) { got.error = std::move(err); });
    return got;
  }

  pool_stats stats(const pool_actor& pool) {
    pool_stats got;
    self->request(pool, forever, get_stats{})
      .receive([&](pool_stats& s) { got = std::move(s); },
               [](const caf::error& err) { CAF_FAIL(describe(err)); });
    return got;
  }

  /// Connections at the server, not counting the one that asks.
  int connections_at_server() {
    const auto status = nlohmann::json::parse(server.run("admin", R"({"serverStatus": 1})"));
    return status.at("connections").at("current").get<int>() - 1;
  }

  /// Waits until `condition` holds; false if it never does.
  template <class Condition>
  bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + forever;
    while (std::chrono::steady_clock::now() < give_up) {
      if (condition())
        return true;
      self->receive(caf::after(10ms) >> [] {});
    }
    return false;
  }

  embedded_server server;
  settings config;
  caf::actor_system_config caf_config;
  caf::actor_system system{caf_config};
  component db{system};
  caf::scoped_actor self{system};
};

} // namespace moor::test
