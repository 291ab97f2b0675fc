// A pool supervisor and its connector over the fake driver, under CAF's deterministic scheduler and
// virtual time.
#pragma once

#include <caf/scoped_actor.hpp>
#include <caf/test/dsl.hpp>

#include <memory>
#include <string>
#include <vector>

#include <caf/event_based_actor.hpp>

#include "moor/actors/connector.hpp"
#include "moor/actors/pool_supervisor.hpp"
#include "moor/messages/caf_errors.hpp"
#include "support/fake_driver.hpp"

namespace moor::test {

using namespace std::chrono_literals;

/// What came back for one request: exactly one of these once it was answered.
template <class T>
struct answer {
  std::vector<T> values;
  std::vector<caf::error> errors;

  std::size_t count() const { return values.size() + errors.size(); }
  bool granted() const { return values.size() == 1 && errors.empty(); }
  bool refused(errc code) const {
    return values.empty() && errors.size() == 1 && code_of(errors.front()) == code;
  }
};
template <class T>
using answer_ptr = std::shared_ptr<answer<T>>;

class pool_rig : public test_coordinator_fixture<> {
public:
  pool_rig() {
    config.uri = "mongodb://fake";
    config.max_pool_size = 2;
    config.min_pool_size = 0;
    config.wait_queue_timeout = 1s;
    config.check_after_idle = 1h;
    config.retry.jitter = 0;
  }

  ~pool_rig() override {
    caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
    settle();
  }

  /// Spawns the actors; the pool is paused until `find_server` or a connect.
  void start() {
    driver = std::make_shared<fake_driver>();
    events = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const pool_events& batch) {
        for (const auto& e : batch.events)
          seen.emplace_back(to_string(e.type));
      }};
    });
    pool = actors::spawn_pool_supervisor(
      sys, {.config = config, .address = "fake:27017", .first_subscriber = events});
    start_connector();
  }

  void start_connector() {
    connector = actors::spawn_connector(
      sys, {config, driver, actors::connection_threads::scheduled, 1}, pool);
    caf::anon_send(pool, use_connector{connector});
    settle();
  }

  void find_server() {
    caf::anon_send(pool, server_found{});
    settle();
  }

  void start_ready() {
    start();
    find_server();
  }

  /// Lets every actor handle what is in its mailbox; no time passes.
  void settle() { consume_messages(); }

  /// Time passes, then everybody handles what came of it.
  void pass(duration d) {
    advance_time(d);
    settle();
  }

  /// Sends a request from an actor of its own and lets things settle.
  template <class T, class Message>
  answer_ptr<T> ask(Message message) {
    auto got = std::make_shared<answer<T>>();
    sys.spawn([=, this](caf::event_based_actor* me) {
      me->request(caf::actor_cast<caf::actor>(pool), caf::infinite, message)
        .then([got](T& value) { got->values.push_back(std::move(value)); },
              [got](caf::error& err) { got->errors.push_back(std::move(err)); });
    });
    settle();
    return got;
  }

  answer_ptr<lease> ask_lease(duration timeout = 0s, priority level = priority::normal) {
    return ask<lease>(
      acquire{.options = {.operation = "test", .timeout = timeout, .level = level}});
  }

  answer_ptr<run_result> ask_run(work function, lease_id on = 0, duration timeout = 0s) {
    return ask<run_result>(
      moor::run{{.operation = "test", .timeout = timeout}, std::move(function), on});
  }

  answer_ptr<document> ask_command(document body, lease_id on = 0) {
    return ask<document>(command{{.operation = "test"}, "db", std::move(body), on});
  }

  pool_stats stats() { return ask<pool_stats>(get_stats{})->values.at(0); }

  /// Promise 3: nothing lost.
  bool in_balance() {
    const auto s = stats();
    return s.granted == s.returned + s.revoked + s.out;
  }

  /// Replaces the connector by one that notes the actors of the connections it makes in `spied`.
  void use_spying_connector() {
    connector = sys.spawn([this](connector_actor::pointer me) -> connector_actor::behavior_type {
      return {
        [](connect) { return connected{}; },
        [this, me](const establish& order) {
          auto handle = driver->make_connection();
          spied.push_back(actors::spawn_connection(sys, actors::connection_threads::scheduled,
                                                   order.connection, handle));
          handles.push_back(std::move(handle));
          me->send(spied.back(), dial{});
        },
        [](const abandon&) {},
        [](const pool_paused&) {},
        [this, me](const dialled& d) {
          me->send(pool, established{d.connection, spied.back(), std::move(handles.back()), {}});
        },
        [](const tick&) {},
      };
    });
    caf::anon_send(pool, use_connector{connector});
    settle();
  }

  settings config;
  std::shared_ptr<fake_driver> driver;
  caf::actor events;
  pool_supervisor_actor pool;
  connector_actor connector;
  std::vector<std::string> seen;
  std::vector<connection_actor> spied;
  std::vector<std::shared_ptr<mongo::connection>> handles;
};

inline const document small_document{{5, 0, 0, 0, 0}};

} // namespace moor::test
