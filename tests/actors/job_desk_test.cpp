// The desk at which work on leases waits, by itself.
#define CAF_SUITE job_desk

#include "moor/actors/job_desk.hpp"

#include <memory>
#include <utility>

#include <caf/test/unit_test.hpp>

#include "support/fake_driver.hpp"

using namespace moor;
using namespace moor::actors;

CAF_TEST(work of a lease that goes away begins when it is gone) {
  borrowers askers{{}};
  job_desk desk{askers, [] { return nullptr; }, [](request_id, task&, failure&) { return false; }};
  test::fake_driver driver;
  auto lease = std::make_shared<lease_control>(1, 1, instant{}, driver.make_connection(),
                                               caf::weak_actor_ptr{});
  desk.open(1, 1, lease, "test");
  desk.add(1, 7, task{.what = command{}, .answer = {}});
  // Its last copy may still be looking at the connection, on the borrower's thread.
  lease.reset();
  CAF_CHECK(!desk.next(1, instant{}));
  desk.let_go(1, std::nullopt);
  const auto next = desk.next(1, instant{});
  CAF_REQUIRE(next.has_value());
  CAF_CHECK_EQUAL(next->second.number, 7u);
}
