#define CAF_SUITE rare

#include "moor/messages/rare.hpp"

#include <string>

#include <caf/test/unit_test.hpp>

using moor::rare;

CAF_TEST(what is not there reads as empty and takes a pointer) {
  const rare<std::string> none;
  CAF_CHECK(none->empty());
  CAF_CHECK(none == rare<std::string>{""});
  CAF_CHECK_EQUAL(sizeof none, sizeof(void*));
}

CAF_TEST(a value is copied and moved with what it belongs to) {
  rare<std::string> one = "text";
  auto copy = one;
  CAF_CHECK(copy == one);
  const auto moved = std::move(one);
  CAF_CHECK_EQUAL(moved.get(), "text");
  copy = std::string{"other"};
  CAF_CHECK_EQUAL(copy.get(), "other");
  CAF_CHECK_EQUAL(moved.get(), "text");
  const std::string& read = copy;
  CAF_CHECK_EQUAL(read, "other");
}
