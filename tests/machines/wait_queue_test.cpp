// The wait queue: order, deadlines, and which dial is made for whom.
#define CAF_SUITE wait_queue

#include "moor/machines/wait_queue.hpp"

#include <chrono>
#include <string>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

void push(wait_queue& queue, request_id request, priority level = priority::normal,
          instant deadline = no_deadline) {
  queue.push({.request = request, .level = level, .since = start, .deadline = deadline});
}

/// The requests in the order in which they would be served.
std::string served(wait_queue& queue) {
  std::string order;
  while (!queue.empty())
    order += std::to_string(queue.pop().request) + " ";
  return order;
}

request_id number(const std::optional<waiter>& w) {
  return w ? w->request : 0;
}

} // namespace

CAF_TEST(equal requests are served in order of arrival) {
  wait_queue queue;
  for (request_id r = 1; r <= 4; ++r)
    push(queue, r);
  CAF_CHECK_EQUAL(queue.front().request, 1u);
  CAF_CHECK_EQUAL(queue.size(), 4u);
  CAF_CHECK_EQUAL(served(queue), "1 2 3 4 ");
}

CAF_TEST(critical comes before normal and normal before background) {
  wait_queue queue;
  push(queue, 1, priority::background);
  push(queue, 2, priority::normal);
  push(queue, 3, priority::critical);
  push(queue, 4, priority::background);
  push(queue, 5, priority::critical);
  push(queue, 6, priority::normal);
  CAF_CHECK_EQUAL(served(queue), "3 5 2 6 1 4 ");
}

CAF_TEST(deadlines are taken at their moment and earliest first) {
  wait_queue queue;
  push(queue, 1, priority::normal, start + 20ms);
  push(queue, 2, priority::background, start + 10ms);
  push(queue, 3, priority::critical);
  CAF_CHECK(queue.next_deadline() == start + 10ms);
  CAF_CHECK_EQUAL(number(queue.take_over(start + 10ms - 1ns)), 0u);
  CAF_CHECK_EQUAL(number(queue.take_over(start + 20ms)), 2u);
  CAF_CHECK_EQUAL(number(queue.take_over(start + 20ms)), 1u);
  CAF_CHECK_EQUAL(number(queue.take_over(start + 24h)), 0u);
  CAF_CHECK(queue.next_deadline() == no_deadline);
  CAF_CHECK_EQUAL(served(queue), "3 ");
}

CAF_TEST(who was served has no deadline any more) {
  wait_queue queue;
  push(queue, 1, priority::normal, start + 10ms);
  queue.pop();
  CAF_CHECK(queue.next_deadline() == no_deadline);
  CAF_CHECK_EQUAL(number(queue.take_over(start + 1s)), 0u);
}

CAF_TEST(a dial is made for the first who has none) {
  wait_queue queue;
  push(queue, 1);
  push(queue, 2);
  queue.assign_attempt(11);
  queue.assign_attempt(12);
  queue.assign_attempt(13); // for nobody
  CAF_CHECK_EQUAL(number(queue.take_attempt(13)), 0u);
  CAF_CHECK_EQUAL(number(queue.take_attempt(12)), 2u);
  CAF_CHECK_EQUAL(number(queue.take_attempt(11)), 1u);
  CAF_CHECK(queue.empty());
}

CAF_TEST(a dial is made for the most urgent) {
  wait_queue queue;
  push(queue, 1);
  push(queue, 2, priority::critical);
  queue.assign_attempt(11);
  CAF_CHECK_EQUAL(number(queue.take_attempt(11)), 2u);
}

CAF_TEST(a dial that came to nothing may be made again) {
  wait_queue queue;
  push(queue, 1);
  queue.assign_attempt(11);
  queue.drop_attempt(11);
  queue.drop_attempt(11);
  CAF_CHECK_EQUAL(number(queue.take_attempt(11)), 0u);
  queue.assign_attempt(12);
  CAF_CHECK_EQUAL(number(queue.take_attempt(12)), 1u);
}

CAF_TEST(who left has no dial any more) {
  wait_queue queue;
  push(queue, 1);
  push(queue, 2, priority::normal, start);
  queue.assign_attempt(11);
  queue.assign_attempt(12);
  queue.pop();
  CAF_CHECK_EQUAL(number(queue.take_over(start)), 2u);
  CAF_CHECK_EQUAL(number(queue.take_attempt(11)), 0u);
  CAF_CHECK_EQUAL(number(queue.take_attempt(12)), 0u);
}
