// The metrics exporter before a pool and a supervisor that answer as the test says.
#define CAF_SUITE metrics_exporter

#include <caf/scoped_actor.hpp>
#include <caf/test/dsl.hpp>

#include <memory>
#include <string>
#include <vector>

#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <stdexcept>
#include <string>

#include <caf/event_based_actor.hpp>

#include "actors/metrics_rig.hpp"
#include "moor/actors/address.hpp"
#include "moor/actors/exporter.hpp"
#include "moor/messages/caf_errors.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

class exporter_rig : public test_coordinator_fixture<> {
public:
  exporter_rig() {
    options.config.name = "orders";
    options.config.metrics_interval = 1s;
    options.address = "db:27017";
    options.origins = {{"name", "orders", "test"}};
    options.may_fail = [this](const char*) {
      if (fail)
        throw std::runtime_error{"made to fail"};
    };
    now.view.stats.granted = 10;
    pool = sys.spawn(
      [this](caf::event_based_actor* me) -> caf::behavior { return pool_that_answers(me); });
    supervisor = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](get_parts_view) { return parts_view{now.parts, now.restarts, now.reloads}; }};
    });
  }

  ~exporter_rig() override {
    fail = false;
    end();
    caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    settle();
  }

  caf::behavior pool_that_answers(caf::event_based_actor* me) {
    return {[this, me](get_view) -> caf::result<pool_view> {
              ++looks;
              if (late)
                return answer = me->make_response_promise<pool_view>();
              if (silent)
                return me->make_response_promise<pool_view>();
              return now.view;
            },
            [this](wake) { answer.deliver(now.view); }, [this](get_health) { return now.health; },
            [this](get_breaker) { return now.establishing_breaker; },
            [this](get_leaks) -> caf::result<leaks_report> {
              if (!detector)
                return make_error(errc::invalid_argument);
              return now.leaks;
            }};
  }

  void start() {
    auto made = actors::make_exporter(sys, options, caf::actor_cast<pool_supervisor_actor>(pool));
    exporter = std::move(made.supervised);
    address = std::move(made.address);
    caf::anon_send(
      address, use_supervisor{actors::weak(caf::actor_cast<caf::strong_actor_ptr>(supervisor))});
    begin(false);
  }
  void begin(bool in_the_middle) {
    actor = exporter->start(in_the_middle);
    settle();
  }
  void kill() {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    settle();
  }
  void end() {
    if (!exporter)
      return;
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    settle();
    exporter->end(make_error(errc::stopped));
    exporter.reset();
    actor = nullptr;
  }

  void settle() { consume_messages(); }
  /// The delayed message of a look, then what it sets off.
  void pass(duration d) {
    advance_time(d);
    settle();
  }

  double value(const std::string& metric) const {
    return value_of(*options.registry, metric, {{"pool", "orders"}}).value_or(-1);
  }
  actors::board::snapshot_ptr seen() const {
    const auto all = options.shown->all();
    return all.empty() ? nullptr : all.front();
  }

  actors::exporter_options options;
  pool_snapshot now;
  int looks = 0;
  bool silent = false;
  bool late = false;
  caf::typed_response_promise<pool_view> answer; // the one that is late
  bool detector = true;
  bool fail = false;
  caf::actor pool;
  caf::actor supervisor;
  std::unique_ptr<actors::part> exporter;
  exporter_actor address;
  caf::actor actor; // the exporter's actor of the moment
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_exporter_tests, exporter_rig)

CAF_TEST(what the pool and its supervisor say is shown at intervals) {
  now = full_snapshot("orders");
  start();
  pass(0s);
  CAF_REQUIRE(seen() != nullptr);
  CAF_CHECK_EQUAL(seen()->pool, "orders");
  CAF_CHECK_EQUAL(seen()->address, "db:27017");
  CAF_CHECK_EQUAL(seen()->settings.size(), 1u);
  CAF_CHECK_EQUAL(seen()->view.stats.granted, 100u);
  CAF_CHECK(seen()->health.state == health_state::degraded);
  CAF_CHECK_EQUAL(seen()->leaks.suspected, 4u);
  CAF_CHECK_EQUAL(seen()->parts.size(), 2u);
  CAF_CHECK(seen()->pool_answers);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 100);
  now.view.stats.granted = 101;
  pass(999ms);
  CAF_CHECK_EQUAL(looks, 1);
  pass(1ms);
  CAF_CHECK_EQUAL(looks, 2);
  CAF_CHECK_EQUAL(seen()->view.stats.granted, 101u);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 101);
}

CAF_TEST(while somebody watches it looks more often) {
  start();
  pass(0s);
  options.shown->look();
  pass(1s);
  CAF_CHECK_EQUAL(looks, 2);
  pass(250ms);
  CAF_CHECK_EQUAL(looks, 3);
  pass(250ms);
  CAF_CHECK_EQUAL(looks, 4);
}

CAF_TEST(whoever begins to watch is shown new figures at once) {
  options.config.metrics_interval = 60s;
  start();
  pass(0s);
  pass(30s);
  CAF_CHECK_EQUAL(looks, 1);
  options.shown->look();
  settle();
  pass(0s);
  CAF_CHECK_EQUAL(looks, 2);
  options.shown->look(); // goes on watching
  settle();
  pass(0s);
  CAF_CHECK_EQUAL(looks, 2);
  pass(250ms);
  CAF_CHECK_EQUAL(looks, 3);
}

CAF_TEST(whoever begins to watch in the middle of a look is shown the next one soon) {
  options.config.metrics_interval = 60s;
  start();
  pass(0s);
  silent = true;
  pass(60s);
  CAF_CHECK_EQUAL(looks, 2);
  options.shown->look();
  pass(0s);
  CAF_CHECK_EQUAL(looks, 2);
  silent = false;
  pass(2s); // patience ends
  pass(0s);
  CAF_CHECK_EQUAL(looks, 3);
}

CAF_TEST(whoever begins to watch while the exporter is away is shown new figures when it is back) {
  options.config.metrics_interval = 60s;
  start();
  pass(0s);
  kill();
  options.shown->look();
  pass(1s);
  begin(false);
  pass(0s);
  CAF_CHECK_EQUAL(looks, 2);
}

CAF_TEST(whoever begins to watch after the end is shown nothing) {
  start();
  pass(0s);
  end();
  options.shown->look();
  pass(1s);
  CAF_CHECK_EQUAL(looks, 1);
}

CAF_TEST(an interval that is shorter than a watched one stays) {
  options.config.metrics_interval = 100ms;
  start();
  pass(0s);
  options.shown->look();
  pass(100ms);
  pass(100ms);
  CAF_CHECK_EQUAL(looks, 3);
}

CAF_TEST(an interval of zero shows nothing) {
  options.config.metrics_interval = 0s;
  start();
  pass(10s);
  CAF_CHECK_EQUAL(looks, 0);
  CAF_CHECK(seen() == nullptr);
  CAF_CHECK(options.registry->Collect().empty());
}

CAF_TEST(a pool that does not answer leaves its figures of before) {
  start();
  pass(0s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  silent = true;
  now.view.stats.granted = 20;
  now.leaks.suspected = 7; // who answers is shown
  pass(1s);
  CAF_CHECK_EQUAL(looks, 2);
  pass(1s); // one look at a time
  CAF_CHECK_EQUAL(looks, 2);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  pass(1s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 0);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 10);
  CAF_CHECK_EQUAL(value("moor_leaks_suspected_total"), 7);
  CAF_CHECK(!seen()->pool_answers);
  CAF_CHECK_EQUAL(seen()->view.stats.granted, 10u);
  silent = false;
  pass(0s);
  CAF_CHECK_EQUAL(looks, 3);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 20);
}

CAF_TEST(a pool that does not answer for long is asked less and less often) {
  start();
  pass(0s);
  silent = true;
  for (int i = 0; i < 600; ++i)
    pass(1s);
  CAF_CHECK(looks > 10);
  CAF_CHECK(looks < 20);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 0);
  silent = false;
  for (int i = 0; i < 64; ++i)
    pass(1s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  looks = 0;
  for (int i = 0; i < 10; ++i)
    pass(1s);
  CAF_CHECK_EQUAL(looks, 10);
}

CAF_TEST(an answer that comes too late for its look is shown with the next one) {
  start();
  pass(0s);
  late = true;
  now.view.stats.granted = 20;
  pass(1s);
  pass(2s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 0);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 10);
  late = false;
  silent = true; // so that nothing else can bring it
  caf::anon_send(pool, wake{});
  settle();
  pass(1s);
  pass(2s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 0);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 20);
}

CAF_TEST(a part that is not there does not make the pool down) {
  detector = false;
  caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  settle();
  start();
  pass(0s);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 10);
}

CAF_TEST(counters do not go back over a restart of the exporter) {
  start();
  pass(0s);
  kill();
  now.view.stats.granted = 15;
  begin(false);
  pass(1s);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 15);
  CAF_CHECK_EQUAL(looks, 2);
}

CAF_TEST(a restart in the middle of a look begins another) {
  start();
  pass(0s);
  silent = true;
  pass(1s);
  kill();
  silent = false;
  begin(true);
  pass(1s);
  CAF_CHECK_EQUAL(looks, 3);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 10);
}

CAF_TEST(a look that ends its actor is not repeated at once) {
  start();
  pass(0s);
  fail = true;
  pass(1s);
  CAF_CHECK_EQUAL(looks, 1);
  begin(true);
  pass(0s);
  fail = false;
  pass(999ms);
  CAF_CHECK_EQUAL(looks, 1);
  pass(1ms);
  CAF_CHECK_EQUAL(looks, 2);
}

CAF_TEST(a pool that ends is taken away) {
  start();
  pass(0s);
  CAF_CHECK(seen() != nullptr);
  end();
  CAF_CHECK(seen() == nullptr);
  CAF_CHECK_EQUAL(series_of(*options.registry, "moor_pool_up"), 0u);
  CAF_CHECK_EQUAL(series_of(*options.registry, "moor_pool_state"), 0u);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 10);
}

CAF_TEST(a new pool of the same name in the same registry goes on counting) {
  start();
  pass(0s);
  end();
  now.view.stats.granted = 5;
  start();
  pass(0s);
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), 15);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
}

CAF_TEST(a pool that ends does not take its successor away) {
  start();
  pass(0s);
  auto former = std::move(exporter);
  const auto former_actor = actor;
  start();
  pass(0s);
  caf::anon_send_exit(former_actor, caf::exit_reason::user_shutdown);
  settle();
  former->end(make_error(errc::stopped));
  CAF_CHECK(seen() != nullptr);
  CAF_CHECK_EQUAL(value("moor_pool_up"), 1);
}

CAF_TEST(an exporter does not keep its pool alive) {
  start();
  pass(0s);
  const auto weakly = actors::weak(caf::actor_cast<caf::strong_actor_ptr>(pool));
  caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
  pool = nullptr;
  settle();
  CAF_CHECK(caf::actor_cast<caf::strong_actor_ptr>(weakly) == nullptr);
  pass(10s);
  CAF_CHECK_EQUAL(looks, 1);
}

CAF_TEST(other settings are shown and followed) {
  start();
  pass(0s);
  const actors::board::snapshot_ptr before = seen();
  auto config = std::make_shared<settings>(options.config);
  config->metrics_interval = 1h;
  now.reloads = {.applied = 1, .generation = 2};
  caf::anon_send(address, reconfigure{config, nullptr, 0});
  caf::anon_send(address, show_settings{{{"name", "orders", "test"}, {"keepalive", "1s", "file"}}});
  settle();
  pass(0s);
  CAF_REQUIRE(seen() != nullptr);
  CAF_CHECK(seen() != before);
  CAF_CHECK_EQUAL(seen()->settings.size(), 2u);
  CAF_CHECK(seen()->interval == 1h);
  CAF_CHECK_EQUAL(value("moor_config_generation"), 2);
  looks = 0;
  pass(30min);
  CAF_CHECK_EQUAL(looks, 0);
}

CAF_TEST(metrics can be turned off and on) {
  start();
  pass(0s);
  auto config = std::make_shared<settings>(options.config);
  config->metrics_interval = 0s;
  caf::anon_send(address, reconfigure{config, nullptr, 0});
  settle();
  CAF_CHECK(seen() == nullptr);
  CAF_CHECK_EQUAL(value("moor_config_generation"), -1);
  const auto counted = value("moor_leases_granted_total");
  CAF_CHECK(counted > 0);
  pass(10s);
  CAF_CHECK(seen() == nullptr);
  caf::anon_send(address, reconfigure{std::make_shared<settings>(options.config), nullptr, 0});
  settle();
  pass(0s);
  CAF_CHECK(seen() != nullptr);
  CAF_CHECK_EQUAL(value("moor_config_generation"), 1);
  // Not a second time from the beginning.
  CAF_CHECK_EQUAL(value("moor_leases_granted_total"), counted);
}

CAF_TEST(a registry that refuses a family costs the metrics and nothing else) {
  auto& other = prometheus::BuildGauge()
                  .Name("db_client_connection_timeouts_total")
                  .Help("Somebody else counts here.")
                  .Register(*options.registry);
  other.Add({});
  std::vector<std::string> lines;
  options.log = {[&lines](log_level, const std::string& line) { lines.push_back(line); }};
  start();
  pass(0s);
  pass(10s);
  CAF_REQUIRE(seen() != nullptr);
  CAF_CHECK_EQUAL(seen()->view.stats.granted, 10u);
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(lines[0].find("pool=\"orders\" event=metrics_given_up cause=") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
