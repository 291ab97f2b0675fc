// The figures of operations: what is added up, who is named, and what is not kept.
#define CAF_SUITE operation_book

#include "moor/machines/operation_book.hpp"

#include <chrono>
#include <numeric>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

CAF_TEST(an empty book has no operations) {
  CAF_CHECK(operation_book{}.top(20).empty());
}

CAF_TEST(commands of one name are added up) {
  operation_book book;
  book.add("find", 3ms, false, false);
  book.add("find", 150ms, true, true);
  book.add("find", 1ms, false, false);
  const auto all = book.top(20);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  const auto& f = all[0];
  CAF_CHECK_EQUAL(f.operation, "find");
  CAF_CHECK_EQUAL(f.count(), 3u);
  CAF_CHECK_EQUAL(f.failed.count, 1u);
  CAF_CHECK_EQUAL(f.slow, 1u);
  CAF_CHECK(f.total() == 154ms);
  CAF_CHECK(f.longest() == 150ms);
}

CAF_TEST(a class holds what takes as long as its bound and longer than the one before) {
  operation_book book;
  book.add("find", 0ns, false, false);
  book.add("find", 500us, false, false);
  book.add("find", 500us + 1ns, false, false);
  book.add("find", 10s, false, false);
  book.add("find", 10s + 1ns, false, false);
  book.add("find", 24h, false, false);
  const auto classes = book.top(1).at(0).succeeded.classes;
  CAF_REQUIRE_EQUAL(classes.size(), duration_classes.size() + 1);
  CAF_CHECK_EQUAL(classes[0], 2u);
  CAF_CHECK_EQUAL(classes[1], 1u);
  CAF_CHECK_EQUAL(classes[classes.size() - 2], 1u);
  CAF_CHECK_EQUAL(classes.back(), 2u);
  CAF_CHECK_EQUAL(std::accumulate(classes.begin(), classes.end(), std::uint64_t{0}), 6u);
}

CAF_TEST(those that took the most time in all come first and only so many) {
  operation_book book;
  book.add("rare and long", 9ms, false, false);
  book.add("b", 5ms, false, false);
  book.add("a", 5ms, false, false);
  for (int i = 0; i < 10; ++i)
    book.add("often and short", 1ms, false, false);
  const auto three = book.top(3);
  CAF_REQUIRE_EQUAL(three.size(), 3u);
  CAF_CHECK_EQUAL(three[0].operation, "often and short");
  CAF_CHECK_EQUAL(three[1].operation, "rare and long");
  CAF_CHECK_EQUAL(three[2].operation, "a");
  CAF_CHECK(book.top(0).empty());
  CAF_CHECK_EQUAL(book.top(UINT64_MAX).size(), 4u);
}

CAF_TEST(promise bounds : names beyond the limit share one page and those known keep theirs) {
  operation_book book;
  for (int i = 0; i < 1000; ++i)
    book.add("name " + std::to_string(i), 1ms, false, false);
  book.add("name 0", 1ms, false, false);
  const auto all = book.top(UINT64_MAX);
  CAF_REQUIRE_EQUAL(all.size(), operation_book::most_names + 1);
  CAF_CHECK_EQUAL(all[0].operation, operation_book::others);
  CAF_CHECK_EQUAL(all[0].count(), 1000u - operation_book::most_names);
  CAF_CHECK_EQUAL(all[1].operation, "name 0");
  CAF_CHECK_EQUAL(all[1].count(), 2u);
}
