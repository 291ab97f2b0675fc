// The connector under random events.
#define CAF_SUITE connector_random

#include "machines/connector_rig.hpp"

#include <random>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::test;

using phase = machines::connector::phase;

namespace {

/// The world around a connector: answers its probes, clears its pool, and notes what it breaks.
class random_world {
public:
  explicit random_world(std::uint64_t seed) : random_(seed) {}

  /// Empty if all went well; otherwise which rule was broken, and when.
  std::string run(int events) {
    for (int i = 0; i < events; ++i) {
      act();
      for (const auto& e : std::exchange(rig_.effects, {}))
        std::visit([this](const auto& x) { take(x); }, e);
      check();
      if (!broken_.empty())
        return broken_ + " at event " + std::to_string(i);
    }
    return {};
  }

private:
  void act() {
    rig_.draw = static_cast<double>(random_() % 1000) / 1000;
    switch (random_() % 8) {
      case 0: rig_.start(); break;
      case 1: rig_.established(); break;
      case 2: rig_.establishing_failed(any_failure()); break;
      case 3: rig_.cleared(); break;
      case 4:
        if (probing_)
          end_probe();
        break;
      case 5: rig_.pass(std::chrono::milliseconds{random_() % 3000}); break;
      default:
        if (const auto wait = rig_.machine.next_probe() - rig_.now; wait < 1h)
          rig_.pass(wait);
    }
  }

  void end_probe() {
    probing_ = false;
    const auto success = random_() % 2 == 0;
    may_find_ = success;
    success ? rig_.succeed(random_() % 3 == 0) : rig_.fail(any_failure());
    may_find_ = may_find_ && !rig_.effects.empty();
  }

  failure any_failure() {
    switch (random_() % 3) {
      case 0: return refused();
      case 1: return shut_down();
      default: return unknown_user();
    }
  }

  void take(const machines::probe&) {
    require(!probing_, "a second probe in flight");
    probing_ = true;
  }
  void take(const machines::announce_found& x) {
    require(std::exchange(may_find_, false), "found without a probe that succeeded");
    require(x.again == found_before_, "found for the first time twice, or again before the first");
    found_before_ = true;
  }
  void take(const machines::announce_lost&) { require(found_before_, "lost what was never found"); }
  void take(const machines::announce_cause&) {
    require(rig_.machine.current() == phase::reconnecting, "a cause where nothing is lost");
  }
  void take(const machines::give_up& x) {
    require(!found_before_, "gave up after it had been connected");
    require(x.attempts >= 1 && x.attempts <= 3, "gave up after too many attempts");
  }

  void check() {
    const auto planned = rig_.machine.next_probe() != no_deadline;
    const auto at = rig_.machine.current();
    require(!(probing_ && planned), "a probe planned while one is in flight");
    require(!planned || rig_.machine.next_probe() - rig_.now <= 10s, "a delay beyond the longest");
    if (at == phase::idle || (at == phase::connected && !rig_.machine.read_only()))
      require(!probing_ && !planned, "probing without need");
    else
      require(probing_ || planned, "stuck: it looks for the server and plans nothing");
  }

  void require(bool holds, const char* rule) {
    if (!holds && broken_.empty())
      broken_ = rule;
  }

  std::mt19937_64 random_;
  connector_rig rig_;
  bool probing_ = false;
  bool may_find_ = false;
  bool found_before_ = false;
  std::string broken_;
};

} // namespace

CAF_TEST(under random events there is at most one probe and always a way on) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto broken = random_world{seed}.run(1000);
    CAF_CHECK_EQUAL("seed " + std::to_string(seed) + ": " + broken,
                    "seed " + std::to_string(seed) + ": ");
  }
}
