// What subscribers are told of a pool.
#define CAF_SUITE pool_events

#include "actors/rig.hpp"
#include "moor/actors/event_publisher.hpp"

using namespace moor;
using namespace moor::test;

CAF_TEST_FIXTURE_SCOPE(pool_events_tests, pool_rig)

CAF_TEST(events come in the order of what happened) {
  start_ready();
  ask_lease();
  caf::anon_send(pool, close_pool{});
  settle();
  const std::vector<std::string> expected{
    "ConnectionPoolCreated", "ConnectionPoolReady", "ConnectionCheckOutStarted",
    "ConnectionCreated",     "ConnectionReady",     "ConnectionCheckedOut",
    "ConnectionCheckedIn",   "ConnectionClosed",    "ConnectionPoolClosed"};
  CAF_CHECK_EQUAL(seen, expected);
}

CAF_TEST(events of a busy pool come in few batches that keep all of them) {
  start_ready();
  pass(1s);
  seen.clear();
  batches = 0;
  for (int i = 0; i < 500; ++i)
    ask_command(small_document);
  CAF_CHECK_EQUAL(batches, actors::event_publisher::burst);
  pass(actors::event_publisher::pace);
  CAF_CHECK_EQUAL(batches, actors::event_publisher::burst + 1);
  CAF_CHECK_EQUAL(std::count(seen.begin(), seen.end(), "ConnectionCheckedOut"), 500);
  CAF_CHECK_EQUAL(seen.back(), "ConnectionCheckedIn");
  ask_command(small_document); // the quiet time has not been long enough for a batch of its own
  pass(actors::event_publisher::pace);
  CAF_CHECK_EQUAL(std::count(seen.begin(), seen.end(), "ConnectionCheckedIn"), 501);
}

CAF_TEST(what happened last is told although the pool ends at once) {
  start_ready();
  for (std::uint32_t i = 0; i < actors::event_publisher::burst; ++i)
    ask_command(small_document);
  seen.clear();
  ask<drained>(drain{1s});
  CAF_CHECK(seen.empty()); // the next batch is not due
  end_all();
  CAF_REQUIRE(!seen.empty());
  CAF_CHECK_EQUAL(seen.back(), "ConnectionPoolClosed");
}

CAF_TEST(a pool in haste sends before it has more than it keeps) {
  start_ready();
  pass(1s);
  seen.clear();
  batches = 0;
  while (seen.size() < actors::event_publisher::limit)
    ask_command(small_document);
  CAF_CHECK_LESS(batches, actors::event_publisher::burst + 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
