#define CAF_SUITE ctl_advice

#include "moor/ctl/advice.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/ctl/failure_advice.hpp"

using namespace moor::ctl;
using namespace std::chrono_literals;

namespace {

struct fixture {
  moor::settings with = moor::settings_for(moor::profile::production);
  target where = target_of("mongodb://127.0.0.1/");
  probe_result seen;

  fixture() {
    seen.address = "127.0.0.1:27017";
    seen.total = 5ms;
    seen.server.emplace();
    seen.server->view.round_trip = 1ms;
    seen.server->view.connections_available = {true, 800};
  }

  moor::server_view& view() { return seen.server->view; }
  std::vector<advice> all() const { return advise(with, where, seen); }

  /// The ids, warnings with a '!' behind.
  std::string ids() const {
    std::string result;
    for (const auto& one : all())
      result += (result.empty() ? "" : " ") + one.id + (one.is_warning ? "!" : "");
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(advice_tests, fixture)

CAF_TEST(nothing is said where all is well) {
  CAF_CHECK_EQUAL(ids(), "");
}

CAF_TEST(a pool larger than what the server takes) {
  view().connections_available = {true, 50};
  CAF_CHECK_EQUAL(ids(), "");
  view().connections_available = {true, 49};
  CAF_CHECK_EQUAL(ids(), "pool-above-head-room!");
  const auto first = all().front();
  CAF_CHECK_EQUAL(first.text,
                  "The pool may have 50 connections, and the server takes 49 more: lower "
                  "max-pool-size, or raise the server's limit.");
}

CAF_TEST(a server that counts nothing has an unknown head room) {
  view().connections_available = {true, 0};
  CAF_CHECK_EQUAL(ids(), "head-room-unknown");
  view().connections_available = {};
  CAF_CHECK_EQUAL(ids(), "head-room-unknown");
}

CAF_TEST(the way to another machine) {
  where = target_of("mongodb://db.example/");
  CAF_CHECK_EQUAL(ids(), "no-tls! no-credentials!");
  where = target_of("mongodb://u@db.example/?tls=true");
  CAF_CHECK_EQUAL(ids(), "no-credentials!");
  where = target_of("mongodb://u:p@db.example/?tls=true");
  CAF_CHECK_EQUAL(ids(), "");
  where = target_of("mongodb+srv://db.example/");
  CAF_CHECK_EQUAL(ids(), "no-credentials!");
  with = moor::settings_for(moor::profile::development);
  CAF_CHECK_EQUAL(ids(), "no-credentials! development-profile");
}

CAF_TEST(what is allowed by name is not warned of) {
  where = target_of("mongodb://db.example/");
  view().connections_available = {true, 1};
  with.allow = {moor::allowance::no_tls, moor::allowance::pool_above_server_limit};
  CAF_CHECK_EQUAL(ids(), "no-credentials!");
  with.allow = {moor::allowance::no_credentials};
  CAF_CHECK_EQUAL(ids(), "no-tls! pool-above-head-room!");
}

CAF_TEST(round trips against timeouts) {
  view().round_trip = 500ms;
  with.health.degraded_round_trip_time = 0ns;
  CAF_CHECK_EQUAL(ids(), "");
  view().round_trip = 501ms;
  CAF_CHECK_EQUAL(ids(), "round-trip-near-wait-queue-timeout!");
  with.wait_queue_timeout = 1h;
  with.health.degraded_round_trip_time = 1s;
  CAF_CHECK_EQUAL(ids(), "round-trip-near-degraded!");
  with.connect_timeout = 7s;
  CAF_CHECK_EQUAL(ids(), "slow-for-connect-timeout! round-trip-near-degraded!");
}

CAF_TEST(a connection that took long though round trips are short) {
  seen.total = 5001ms;
  CAF_CHECK_EQUAL(ids(), "slow-connection!");
}

CAF_TEST(what the server is and refuses) {
  view().writable = false;
  CAF_CHECK_EQUAL(ids(), "no-primary!");
  view().writable = true;
  seen.read_only = true;
  CAF_CHECK_EQUAL(ids(), "no-primary!");
  seen.read_only = false;
  seen.server->status_refusal = "operation_failed: not authorized";
  CAF_CHECK_EQUAL(ids(), "credentials-demanded!");
  where = target_of("mongodb://u:p@127.0.0.1/");
  CAF_CHECK_EQUAL(ids(), "status-refused");
}

CAF_TEST(a certificate that ends soon) {
  constexpr std::int64_t day = 86'400;
  seen.at_unix = 1000 * day;
  seen.tls.emplace();
  CAF_CHECK_EQUAL(ids(), "");
  seen.tls->certificate_expires = 1014 * day;
  CAF_CHECK_EQUAL(ids(), "");
  seen.tls->certificate_expires = 1014 * day - 1;
  CAF_CHECK_EQUAL(ids(), "certificate-expires-soon!");
}

CAF_TEST(every cause that somebody can mend has its advice) {
  seen.server.reset();
  seen.why.emplace();
  CAF_CHECK_EQUAL(ids(), "");
  seen.why->cause = moor::failure_cause::tls_expired;
  CAF_CHECK_EQUAL(ids(), "tls-expired!");
  for (std::size_t i = 0; i < moor::failure_causes; ++i) {
    const auto cause = static_cast<moor::failure_cause>(i);
    if (moor::is_lasting(cause))
      CAF_CHECK(advice_on(cause));
  }
}

CAF_TEST(warnings come first and without a server the way alone is judged) {
  view().connections_available = {};
  where = target_of("mongodb://db.example/?tls=true");
  CAF_CHECK_EQUAL(ids(), "no-credentials! head-room-unknown");
  seen.server.reset();
  CAF_CHECK_EQUAL(ids(), "no-credentials!");
}

CAF_TEST_FIXTURE_SCOPE_END()
