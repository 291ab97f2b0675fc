// The leak detector before a pool that answers as the test says.
#define CAF_SUITE leak_detector

#include <caf/test/dsl.hpp>

#include <memory>

#include <caf/event_based_actor.hpp>

#include "moor/actors/leak_detector.hpp"
#include "moor/messages/caf_errors.hpp"

using namespace moor;
using namespace std::chrono_literals;

namespace {

class detector_rig : public test_coordinator_fixture<> {
public:
  detector_rig() {
    pool = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const call_the_roll&) {
        ++calls;
        if (!silent)
          caf::anon_send(address, roll);
      }};
    });
    options.config.leaks.scan_interval = 1s;
    options.config.leaks.threshold = 60s;
    auto made
      = actors::make_leak_detector(sys, options, caf::actor_cast<pool_supervisor_actor>(pool));
    detector = std::move(made.supervised);
    address = std::move(made.address);
    actor = detector->start(false);
    consume_messages();
  }

  ~detector_rig() override {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
    consume_messages();
    detector->end(make_error(errc::stopped));
  }

  void wait(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      advance_time(1s);
      consume_messages();
    }
  }

  /// The pool sends a roll of its own accord.
  void tell() {
    caf::anon_send(address, roll);
    consume_messages();
  }

  actors::leak_detector_options options;
  lease_roll roll;
  int calls = 0;
  bool silent = false;
  caf::actor pool;
  std::unique_ptr<actors::part> detector;
  leak_detector_actor address;
  caf::actor actor; // the detector's actor of the moment
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(leak_detector_tests, detector_rig)

CAF_TEST(the roll is called again and again while something is out) {
  roll.out.resize(1);
  wait(10);
  CAF_CHECK_EQUAL(calls, 10);
}

CAF_TEST(after an empty roll it rests until the pool sends another) {
  wait(10);
  CAF_CHECK_EQUAL(calls, 1);
  roll.out.resize(1);
  tell();
  CAF_CHECK_EQUAL(calls, 1);
  wait(10);
  CAF_CHECK_EQUAL(calls, 11);
  roll.out.clear();
  wait(10);
  CAF_CHECK_EQUAL(calls, 12);
}

CAF_TEST(a roll that is not answered is called again) {
  silent = true;
  wait(10);
  CAF_CHECK_EQUAL(calls, 10);
}

CAF_TEST(a new actor asks for itself whether it may rest) {
  wait(10);
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  consume_messages();
  actor = detector->start(true);
  wait(10);
  CAF_CHECK_EQUAL(calls, 2);
}

CAF_TEST_FIXTURE_SCOPE_END()
