// Which leases are told of, reported, revoked, and how often.
#define CAF_SUITE leak_ledger

#include "moor/machines/leak_ledger.hpp"

#include <chrono>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

namespace {

struct ledger_rig {
  leak_settings config;
  std::optional<leak_ledger> ledger;
  instant now{1h};
  std::vector<lease_record> out;
  std::vector<leak> ended;
  leak_effects effects;

  static lease_record lease(lease_id id, duration held) {
    lease_record l;
    l.lease = id;
    l.held = held;
    l.threshold = 60s;
    return l;
  }

  static leak returned(lease_id id, duration held) {
    return {lease(id, held), leak_outcome::returned_late};
  }

  /// The effects of one look, with `ended` used up.
  void look(duration after = 1s) {
    if (!ledger)
      ledger.emplace(config);
    now += after;
    for (auto& l : out)
      l.held += after;
    effects.clear();
    ledger->look(out, std::exchange(ended, {}), now, effects);
  }

  template <class Effect>
  std::vector<Effect> all() const {
    std::vector<Effect> found;
    for (const auto& e : effects)
      if (const auto* one = std::get_if<Effect>(&e))
        found.push_back(*one);
    return found;
  }

  std::vector<lease_id> reported() const {
    std::vector<lease_id> ids;
    for (const auto& r : all<report_leaks>())
      for (const auto& l : r.leases)
        ids.push_back(l.lease);
    return ids;
  }

  leaks_report report() const { return ledger->report(); }
};

using ids = std::vector<lease_id>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(leak_ledger_tests, ledger_rig)

CAF_TEST(a lease is reported once and only when it is held for longer than its threshold) {
  out = {lease(1, 59s)};
  look(); // exactly the threshold
  CAF_CHECK(effects.empty());
  look();
  CAF_CHECK_EQUAL(reported(), ids{1});
  look(1h);
  CAF_CHECK(effects.empty());
  CAF_CHECK_EQUAL(report().suspected, 1u);
  CAF_CHECK_EQUAL(report().out_now, 1u);
}

CAF_TEST(dedicated leases and those without a threshold are never suspected) {
  out = {lease(1, 24h), lease(2, 24h)};
  out[0].dedicated = true;
  out[1].threshold = 0s;
  look();
  CAF_CHECK(effects.empty());
}

CAF_TEST(all that are found at one look are reported together) {
  out = {lease(1, 70s), lease(2, 65s), lease(3, 1s)};
  look();
  CAF_CHECK_EQUAL(all<report_leaks>().size(), 1u);
  CAF_CHECK_EQUAL(reported(), (ids{1, 2}));
}

CAF_TEST(a leak that comes back has its late return with the time in all) {
  out = {lease(1, 60s)};
  look();
  out.clear();
  ended = {returned(1, 90s)};
  look();
  const auto told = all<report_ended>();
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK(told[0].lease.held == 90s);
  CAF_CHECK(told[0].outcome == leak_outcome::returned_late);
  CAF_CHECK_EQUAL(report().returned_late, 1u);
  CAF_CHECK_EQUAL(report().out_now, 0u);
  CAF_REQUIRE_EQUAL(report().latest.size(), 1u);
  CAF_CHECK(report().latest[0].outcome == leak_outcome::returned_late);
  ended = {returned(1, 90s)}; // told twice
  look();
  CAF_CHECK(effects.empty());
}

CAF_TEST(one that came back between two looks was never reported and is not told of) {
  ended = {returned(1, 61s)};
  look();
  CAF_CHECK(effects.empty());
  CAF_CHECK_EQUAL(report().returned_late, 0u);
}

CAF_TEST(a leak whose end was not told of is not lost) {
  out = {lease(1, 60s)};
  look();
  out.clear();
  look();
  CAF_CHECK_EQUAL(all<report_ended>().size(), 1u);
  CAF_CHECK_EQUAL(report().out_now, 0u);
}

CAF_TEST(a borrower who asked for it is told first and has the grace to answer) {
  out = {lease(1, 60s)};
  out[0].asked_to_be_told = true;
  look();
  CAF_REQUIRE_EQUAL(all<warn_borrower>().size(), 1u);
  CAF_CHECK(reported().empty());
  look(9s);
  CAF_CHECK(effects.empty());
  look(1s);
  CAF_CHECK_EQUAL(reported(), ids{1});
  CAF_CHECK_EQUAL(report().told, 1u);
}

CAF_TEST(one that extends its lease is told again after that and not reported) {
  out = {lease(1, 60s)};
  out[0].asked_to_be_told = true;
  look();
  out[0].threshold = 120s;
  look(50s);
  CAF_CHECK(effects.empty());
  look(10s);
  CAF_CHECK_EQUAL(all<warn_borrower>().size(), 1u);
  look(10s);
  CAF_CHECK_EQUAL(reported(), ids{1});
}

CAF_TEST(one that extends its lease after the report is not reported again) {
  out = {lease(1, 60s)};
  look();
  out[0].threshold = 120s;
  look();
  look(2min);
  CAF_CHECK(effects.empty());
  CAF_CHECK_EQUAL(report().suspected, 1u);
  out.clear();
  ended = {returned(1, 3min)};
  look();
  CAF_CHECK_EQUAL(all<report_ended>().size(), 1u);
}

CAF_TEST(one that extends its lease after the report is told before it is revoked) {
  config.policy = leak_policy::revoke;
  out = {lease(1, 60s)};
  out[0].asked_to_be_told = true;
  look();
  look(10s);
  CAF_CHECK_EQUAL(reported(), ids{1});
  out[0].threshold = 120s;
  look(5s);
  look(45s);
  CAF_CHECK_EQUAL(all<warn_borrower>().size(), 1u);
  look(10s);
  CAF_CHECK(effects.empty());
  look(9s);
  CAF_CHECK(effects.empty());
  look(1s);
  CAF_CHECK_EQUAL(all<revoke_leak>().size(), 1u);
  CAF_CHECK_EQUAL(report().suspected, 1u);
}

CAF_TEST(by default nothing is revoked) {
  out = {lease(1, 60s)};
  for (int i = 0; i < 10; ++i)
    look(1min);
  CAF_CHECK(all<revoke_leak>().empty());
}

CAF_TEST(a leak is revoked after the grace and counts as that) {
  config.policy = leak_policy::revoke;
  out = {lease(1, 60s)};
  look();
  look(9s);
  CAF_CHECK(effects.empty());
  look(1s);
  const auto orders = all<revoke_leak>();
  CAF_REQUIRE_EQUAL(orders.size(), 1u);
  CAF_CHECK_EQUAL(orders[0].why, "The lease was revoked: held for 71.0 s, longer than 60.0 s");
  look(); // the order is on its way
  CAF_CHECK(effects.empty());
  out.clear();
  ended = {{lease(1, 72s), leak_outcome::revoked}};
  look();
  CAF_CHECK(all<report_ended>().at(0).outcome == leak_outcome::revoked);
  CAF_CHECK_EQUAL(report().revoked, 1u);
  CAF_CHECK_EQUAL(report().returned_late, 0u);
}

CAF_TEST(a leak that came back before the order to revoke it counts as returned) {
  config.policy = leak_policy::revoke;
  out = {lease(1, 60s)};
  look();
  look(10s);
  CAF_CHECK_EQUAL(all<revoke_leak>().size(), 1u);
  out.clear();
  ended = {returned(1, 71s)};
  look();
  CAF_CHECK(all<report_ended>().at(0).outcome == leak_outcome::returned_late);
  CAF_CHECK_EQUAL(report().revoked, 0u);
  CAF_CHECK_EQUAL(report().returned_late, 1u);
  CAF_CHECK(report().latest.at(0).outcome == leak_outcome::returned_late);
}

CAF_TEST(an order to revoke that an extension overtook is given again) {
  config.policy = leak_policy::revoke;
  out = {lease(1, 60s)};
  look();
  look(10s);
  CAF_CHECK_EQUAL(all<revoke_leak>().size(), 1u);
  out[0].threshold = 120s;
  look(1s);
  look(60s); // overdue anew
  CAF_CHECK(effects.empty());
  look(10s);
  CAF_CHECK_EQUAL(all<revoke_leak>().size(), 1u);
}

CAF_TEST(a mass leak is revoked a few at a time) {
  config.policy = leak_policy::revoke;
  config.revoke_limit = 2;
  for (lease_id id = 1; id <= 5; ++id)
    out.push_back(lease(id, 60s));
  look();
  CAF_CHECK_EQUAL(reported().size(), 5u);
  look(10s);
  CAF_CHECK_EQUAL(all<revoke_leak>().size(), 2u);
  look(9s);
  CAF_CHECK(all<revoke_leak>().empty());
  look(1s);
  CAF_CHECK_EQUAL(all<revoke_leak>().size(), 2u);
  look(10s);
  CAF_CHECK_EQUAL(all<revoke_leak>().size(), 1u);
}

CAF_TEST(the latest leaks are kept and no more) {
  for (lease_id id = 1; id <= 40; ++id)
    out.push_back(lease(id, 60s));
  look();
  const auto latest = report().latest;
  CAF_REQUIRE_EQUAL(latest.size(), leak_ledger::most_latest);
  CAF_CHECK_EQUAL(latest.back().lease.lease, 40u);
  CAF_CHECK_EQUAL(report().suspected, 40u);
}

CAF_TEST_FIXTURE_SCOPE_END()
