// Where the actors of a lane have their turns.
#define CAF_SUITE on_lane

#include "moor/actors/on_lane.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "support/patience.hpp"

using namespace moor::actors;
using moor::test::forever;

namespace {

turn_at at_once(const caf::mailbox_element&) {
  return turn_at::here;
}

/// Tells what it is sent, inside of whoever sends.
class prompt final : public on_lane<caf::event_based_actor, at_once> {
public:
  using told = std::function<void(caf::event_based_actor*, int)>;

  prompt(caf::actor_config& config, std::shared_ptr<moor::mongo::fiber_lane> lane, told what)
    : on_lane{config, std::move(lane)}, told_{std::move(what)} {}

  caf::behavior make_behavior() override {
    return {[this](int number) { told_(this, number); }};
  }

private:
  told told_;
};

struct fixture {
  caf::actor spawn(prompt::told what) {
    return system.spawn<prompt, caf::lazy_init>(lane, std::move(what));
  }

  /// Does work on a fiber of the lane.
  void on_fiber(std::function<void()> work) {
    std::promise<void> done;
    auto result = done.get_future();
    CAF_REQUIRE(lane->loop().post([&] {
      work();
      done.set_value();
    }));
    CAF_REQUIRE(result.wait_for(forever) == std::future_status::ready);
  }

  std::shared_ptr<moor::mongo::fiber_lane> lane = std::make_shared<moor::mongo::fiber_lane>();
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(on_lane_tests, fixture)

CAF_TEST(a turn here is over when what sends goes on) {
  int seen = 0;
  const auto it = spawn([&](auto*, int number) { seen = number; });
  int seen_at_once = 0;
  on_fiber([&] {
    caf::anon_send(it, 7);
    seen_at_once = seen;
  });
  CAF_CHECK_EQUAL(seen_at_once, 7);
}

CAF_TEST(what it sends itself comes after what it does and in the same turn) {
  int at_work = 0;
  int most_at_work = 0;
  int handled = 0;
  const auto it = spawn([&](auto* me, int number) {
    most_at_work = std::max(most_at_work, ++at_work);
    if (number > 0)
      caf::anon_send(caf::actor_cast<caf::actor>(me), number - 1);
    ++handled;
    --at_work;
  });
  int handled_at_once = 0;
  on_fiber([&] {
    caf::anon_send(it, 3);
    handled_at_once = handled;
  });
  CAF_CHECK_EQUAL(handled_at_once, 4);
  CAF_CHECK_EQUAL(most_at_work, 1);
}

CAF_TEST(an exception in a turn here ends its actor alone) {
  auto it = spawn([&](auto*, int) { throw std::runtime_error{"in a turn"}; });
  self->monitor(it);
  bool goes_on = false;
  on_fiber([&] {
    caf::anon_send(it, 1);
    goes_on = true;
  });
  CAF_CHECK(goes_on);
  self->receive([](const caf::down_msg&) {}, caf::after(forever) >> [] { CAF_FAIL("it stays"); });
}

CAF_TEST(an actor may be gone with its turn here) {
  caf::actor it;
  it = spawn([&](auto* me, int) {
    me->quit();
    it = nullptr;
  });
  const auto known = caf::actor_cast<caf::weak_actor_ptr>(it);
  bool is_gone = false;
  on_fiber([&] {
    caf::anon_send(it, 1);
    is_gone = !known.lock();
  });
  CAF_CHECK(is_gone);
}

CAF_TEST_FIXTURE_SCOPE_END()
