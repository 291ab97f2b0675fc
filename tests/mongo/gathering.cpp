#define CAF_SUITE mongo_gathering

#include "moor/mongo/gathering.hpp"

#include <vector>

#include <caf/test/unit_test.hpp>

using namespace std::chrono_literals;
using gathering = moor::mongo::gathering<int>;

namespace {

constexpr bool rests = false;
constexpr bool goes_on = true;

} // namespace

CAF_TEST(what gathers is held while the loop goes on) {
  gathering some;
  const auto before = gathering::clock::now();
  some.add(0);
  CAF_CHECK(!some.empty());
  CAF_CHECK(!some.is_over(goes_on, before + gathering::longest_hold));
  CAF_CHECK(some.is_over(rests, before));
}

CAF_TEST(it is not held for longer than the first may be) {
  gathering some;
  some.add(1);
  const auto after = gathering::clock::now();
  while (gathering::clock::now() < after + 1ms)
    ;
  some.add(2);
  CAF_CHECK(some.is_over(goes_on, after + gathering::longest_hold + 1us));
}

CAF_TEST(enough go at once) {
  gathering some;
  const auto before = gathering::clock::now();
  for (std::size_t i = 1; i < gathering::enough; ++i)
    some.add(0);
  CAF_CHECK(!some.is_over(goes_on, before));
  some.add(0);
  CAF_CHECK(some.is_over(goes_on, before));
}

CAF_TEST(they go in order and leave nothing behind) {
  gathering some;
  const auto later = gathering::clock::now() + 1s;
  CAF_CHECK(!some.is_over(rests, later));
  some.add(1);
  some.add(2);
  CAF_CHECK((some.take() == std::vector{1, 2}));
  CAF_CHECK(some.empty());
  CAF_CHECK(!some.is_over(rests, later));
}
