// What stands behind a lease, by itself.
#define CAF_SUITE lease_control

#include "moor/actors/lease_control.hpp"

#include <atomic>

#include <caf/test/unit_test.hpp>

#include "support/fake_driver.hpp"

using namespace moor;
using namespace moor::actors;

namespace {

struct fixture {
  test::fake_driver driver;
  std::atomic<int>& clients = driver.script->clients;
  lease_control lease{1, 1, instant{}, driver.make_connection(), caf::weak_actor_ptr{}};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(lease_control_tests, fixture)

CAF_TEST(a lease that is let go after its client was used says so to the connection) {
  lease.client();
  const auto before = clients.load();
  lease.give_back();
  CAF_CHECK(clients > before);
}

CAF_TEST(a lease whose client nobody had says nothing of it) {
  lease.set_busy(true);
  lease.set_busy(false);
  lease.give_back();
  CAF_CHECK_EQUAL(clients.load(), 0);
}

CAF_TEST(work is begun and ended with word of what the borrower did meanwhile) {
  lease.client();
  auto before = clients.load();
  lease.set_busy(true);
  CAF_CHECK(clients > before);
  before = clients;
  lease.set_busy(false);
  CAF_CHECK(clients > before);
}

CAF_TEST(while work runs its lease leaves the connection alone) {
  lease.client();
  lease.set_busy(true);
  const auto before = clients.load();
  CAF_CHECK(lease.client() != nullptr);
  lease.give_back();
  CAF_CHECK_EQUAL(clients.load(), before);
}

CAF_TEST(a lease that was given back has no client) {
  lease.give_back();
  CAF_CHECK(lease.ended());
  CAF_CHECK(lease.client() == nullptr);
}

CAF_TEST_FIXTURE_SCOPE_END()
