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
#include "support/answer.hpp"
#include "support/fake_driver.hpp"

namespace moor::test {

using namespace std::chrono_literals;

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

  ~pool_rig() override { end_all(); }

  /// Spawns the actors; the pool is paused until `find_server` or a connect.
  void start() {
    driver = std::make_shared<fake_driver>();
    events = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const pool_events& batch) {
        ++batches;
        for (const auto& e : batch.events)
          seen.emplace_back(to_string(e.type));
      }};
    });
    auto made = actors::make_pool_supervisor(
      sys, {.config = config,
            .address = "fake:27017",
            .threads = actors::connection_threads::scheduled,
            .first_subscriber = events,
            .may_fail = may_fail,
            .log = {[this](log_level, const std::string& line) { log.push_back(line); }}});
    pool = made.address;
    pool_part = std::move(made.supervised);
    auto other = actors::make_connector(
      sys,
      {config,
       driver,
       actors::connection_threads::scheduled,
       1,
       may_fail,
       {[this](log_level, const std::string& line) { log.push_back(line); }}},
      pool);
    connector = other.address;
    connector_part = std::move(other.supervised);
    start_pool();
    start_connector();
    caf::anon_send(pool, use_connector{connector});
    settle();
  }

  void start_pool(bool in_the_middle = false) { pool_now = pool_part->start(in_the_middle); }
  void start_connector(bool in_the_middle = false) {
    connector_now = connector_part->start(in_the_middle);
  }

  /// Kills the pool supervisor's actor, between two messages.
  void kill_pool() {
    caf::anon_send_exit(pool_now, caf::exit_reason::kill);
    settle();
  }
  void kill_connector() {
    caf::anon_send_exit(connector_now, caf::exit_reason::kill);
    settle();
  }

  /// The end of the component.
  void end_all() {
    if (!pool_part)
      return;
    caf::anon_send_exit(pool_now, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(connector_now, caf::exit_reason::user_shutdown);
    settle();
    pool_part->end(make_error(errc::stopped));
    connector_part->end(make_error(errc::stopped));
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

  /// The actor of the only connection.
  caf::actor connection_now() { return ask<parts>(get_parts{})->values.at(0).at(0).actor; }

  settings config;
  std::shared_ptr<fake_driver> driver;
  caf::actor events;
  pool_supervisor_actor pool;
  connector_actor connector;
  std::vector<std::string> seen; // events
  std::size_t batches = 0;       // they came in
  std::vector<std::string> log;
  actors::fault_point may_fail;
  std::unique_ptr<actors::part> pool_part;
  std::unique_ptr<actors::part> connector_part;
  caf::actor pool_now; // the pool supervisor's actor of the moment
  caf::actor connector_now;
};

inline const document small_document{{5, 0, 0, 0, 0}};

} // namespace moor::test
