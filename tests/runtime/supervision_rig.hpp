// A pool under its supervisor over the fake driver, under CAF's deterministic scheduler: any of its
// actors can be made to die at any step.
#pragma once

#include <caf/scoped_actor.hpp>
#include <caf/test/dsl.hpp>

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <caf/event_based_actor.hpp>

#include "moor/messages/caf_errors.hpp"
#include "moor/runtime/supervisor.hpp"
#include "support/answer.hpp"
#include "support/fake_driver.hpp"

namespace moor::test {

using namespace std::chrono_literals;

class supervision_rig : public test_coordinator_fixture<> {
public:
  supervision_rig() {
    config.uri = "mongodb://fake";
    config.max_pool_size = 2;
    config.min_pool_size = 0;
    config.wait_queue_timeout = 60s;
    config.check_after_idle = 1h;
    config.retry.jitter = 0;
    config.statistics_interval = 0s;
    config.shedding.queue_target = 0s; // leases are held for long, and nobody is to be given up
    config.restart.most = 1000;
    config.health.interval = 0s; // a test of the monitor turns it on
  }

  ~supervision_rig() override {
    // What they refer to is the test's own, and gone.
    before_step = fault = [] {};
    release();
    settle();
  }

  /// Starts the pool and finds the server.
  void start() {
    auto made = spawn_supervised_pool(
      sys, {.config = config,
            .driver = driver,
            .threads = actors::connection_threads::scheduled,
            .seed = 1,
            .log = {[this](log_level, const auto& line) { log.push_back(line); }},
            .may_fail = [this](const char*) { fault(); },
            .make_driver = make_driver});
    pool = std::move(made.address);
    supervisor = std::move(made.supervisor);
    log_of_events = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const pool_events& batch) {
        dropped += batch.dropped;
        events.insert(events.end(), batch.events.begin(), batch.events.end());
      }};
    });
    caf::anon_send(pool, subscribe{log_of_events});
    ask<connected>(connect{});
    settle();
  }

  /// Gives up every handle.
  void release() {
    pool = nullptr;
    supervisor = nullptr;
    log_of_events = nullptr;
    witness = nullptr;
  }

  /// Lets every actor handle what is in its mailbox, one message at a time. No time passes.
  void settle() {
    while (before_step(), consume_message())
      ++steps;
  }

  void pass(duration d) {
    advance_time(d);
    settle();
  }

  /// Time enough for several restarts, one after the other.
  void recover() {
    for (int i = 0; i < 10; ++i)
      pass(60ms);
  }

  template <class T, class Message>
  answer_ptr<T> ask(Message message) {
    auto got = std::make_shared<answer<T>>();
    got->asker = sys.spawn([=, this](caf::event_based_actor* me) -> caf::behavior {
      me->request(caf::actor_cast<caf::actor>(pool), caf::infinite, message)
        .then([got](T& value) { got->values.push_back(std::move(value)); },
              [got](caf::error& err) { got->errors.push_back(std::move(err)); });
      return {[](int) {}}; // stays
    });
    settle();
    return got;
  }

  answer_ptr<lease> ask_lease(duration timeout = 0s, bool read_only = false) {
    return ask<lease>(
      acquire{.options = {.operation = "test", .timeout = timeout, .read_only = read_only}});
  }
  answer_ptr<document> ask_command(lease_id on = 0) {
    return ask<document>(command{{.operation = "test"}, "db", document{{5, 0, 0, 0, 0}}, on});
  }
  answer_ptr<run_result> ask_run(work function, lease_id on = 0, duration timeout = 0s) {
    return ask<run_result>(
      moor::run{{.operation = "test", .timeout = timeout}, std::move(function), on});
  }

  pool_stats stats() {
    const auto got = ask<pool_stats>(get_stats{});
    if (!got->granted())
      CAF_FAIL("no statistics: " << got->count());
    return got->values.front();
  }

  parts list() {
    parts all;
    sys.spawn([&](caf::event_based_actor* me) {
      me->request(supervisor, caf::infinite, get_parts{}).then([&](parts& p) {
        all = std::move(p);
      });
    });
    while (consume_message()) // steps of the test itself do not count
      ;
    return all;
  }

  caf::actor part(const std::string& name) {
    for (const auto& p : list())
      if (p.name == name)
        return p.actor;
    return {};
  }

  caf::actor connection_part() { return ask<parts>(get_parts{})->values.at(0).at(0).actor; }

  /// Watches the pool's end: the cause, empty until then.
  std::shared_ptr<caf::error> watch_end() {
    auto cause = std::make_shared<caf::error>();
    witness = sys.spawn([this, cause](caf::event_based_actor* me) -> caf::behavior {
      me->monitor(pool);
      me->set_down_handler([cause](const caf::down_msg& down) { *cause = down.reason; });
      return {[](int) {}};
    });
    settle();
    return cause;
  }

  static void kill(const caf::actor& who) { caf::anon_send_exit(who, caf::exit_reason::kill); }

  settings config;
  std::shared_ptr<fake_driver> driver = std::make_shared<fake_driver>();
  /// Of other settings; none: the driver stays.
  actors::driver_factory make_driver = {};
  pool_supervisor_actor pool;
  supervisor_actor supervisor;
  caf::actor log_of_events;
  caf::actor witness;
  std::vector<std::string> log;
  std::vector<pool_event> events;
  std::uint64_t dropped = 0;

  int steps = 0;
  /// Called before each step; steps are what a test interrupts.
  std::function<void()> before_step = [] {};
  /// Called at each fault point.
  std::function<void()> fault = [] {};
};

} // namespace moor::test
