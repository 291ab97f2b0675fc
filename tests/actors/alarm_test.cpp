// An actor's timer, by itself.
#define CAF_SUITE alarm

#include <caf/scoped_actor.hpp>
#include <caf/test/dsl.hpp>

#include <caf/event_based_actor.hpp>

#include "moor/actors/alarm.hpp"
#include "moor/messages/actors.hpp"

using namespace moor;
using namespace std::chrono_literals;

namespace {

/// An actor whose messages take long.
struct alarm_rig : test_coordinator_fixture<> {
  alarm_rig() {
    slow = sys.spawn([this](caf::event_based_actor* me) -> caf::behavior {
      return {[this, me](duration takes) {
                const auto when = me->clock().now() + 500ms;
                sched.clock().current_time += takes;
                own.set(me, when);
              },
              [this](const tick& t) { rang = own.rings(t); }};
    });
  }

  ~alarm_rig() override { caf::anon_send_exit(slow, caf::exit_reason::user_shutdown); }

  void pass(duration time) {
    advance_time(time);
    sched.run();
  }

  actors::alarm own;
  caf::actor slow;
  bool rang = false;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(alarm_tests, alarm_rig)

CAF_TEST(an alarm rings on time however long the message took that set it) {
  self->send(slow, duration{300ms});
  sched.run();
  pass(199ms);
  CAF_CHECK(!rang);
  pass(1ms);
  CAF_CHECK(rang);
}

CAF_TEST(an alarm for a time that is over rings at once) {
  self->send(slow, duration{600ms});
  sched.run();
  pass(0ms);
  CAF_CHECK(rang);
}

CAF_TEST_FIXTURE_SCOPE_END()
