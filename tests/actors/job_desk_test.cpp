// The desk at which work on leases waits, by itself.
#define CAF_SUITE job_desk

#include "moor/actors/job_desk.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

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
  desk.add(1, 7, task{.what = std::make_unique<work_item>(), .answer = {}});
  // Its last copy may still be looking at the connection, on the borrower's thread.
  lease.reset();
  CAF_CHECK(!desk.next(1, instant{}));
  desk.let_go(1, std::nullopt);
  const auto next = desk.next(1, instant{});
  CAF_REQUIRE(next.has_value());
  CAF_CHECK_EQUAL(next->second.number, 7u);
}

CAF_TEST(work is listed with the name of who asked for it) {
  borrowers askers{{}};
  job_desk desk{askers, [] { return nullptr; }, [](request_id, task&, failure&) { return false; }};
  const auto names = [&] {
    std::vector<std::string> all;
    for (const auto& record : desk.work(instant{}))
      all.push_back(record.borrower_name);
    return all;
  };
  desk.open(1, 1, nullptr, "test");
  desk.add(1, 7,
           task{.what = std::make_unique<work_item>(command{{}, "db", {}, 0, "order desk"}),
                .answer = {}});
  CAF_CHECK(names().empty());
  CAF_CHECK(desk.next(1, instant{})); // its work is at the connection
  CAF_CHECK(names() == std::vector<std::string>{"order desk"});
  desk.open(2, 2, nullptr, "test");
  desk.add(
    2, 8,
    task{.what = std::make_unique<work_item>(run{.options = {}, .function = {}}), .answer = {}});
  CAF_CHECK(desk.next(2, instant{}));
  CAF_CHECK_EQUAL(names().size(), 2u);
}
