#define CAF_SUITE mongo_fiber

#include "moor/mongo/fiber.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

using namespace moor::mongo;

namespace {

/// Throws and catches, and says what was caught, suspended in the handler.
std::string caught_around(fiber& in, const char* what) {
  try {
    throw std::runtime_error{what};
  } catch (...) {
    in.suspend();
    try {
      throw;
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  }
}

} // namespace

CAF_TEST(work is left in its middle and gone on with) {
  fiber one;
  std::string trace;
  one.start([&] {
    trace += 'a';
    one.suspend();
    trace += 'b';
  });
  trace += '-';
  CAF_CHECK(!one.idle());
  one.resume();
  CAF_CHECK(one.idle());
  CAF_CHECK_EQUAL(trace, "a-b");
}

CAF_TEST(a fiber takes one piece of work after the other) {
  fiber one;
  int sum = 0;
  for (int i = 1; i <= 1000; ++i)
    one.start([&sum, i] { sum += i; });
  CAF_CHECK_EQUAL(sum, 500'500);
}

CAF_TEST(what the work held is gone when it has ended) {
  fiber one;
  auto held = std::make_shared<int>(1);
  one.start([held] {});
  CAF_CHECK_EQUAL(held.use_count(), 1);
}

CAF_TEST(each fiber handles its own exceptions) {
  fiber first;
  fiber second;
  std::string of_first;
  std::string of_second;
  first.start([&] { of_first = caught_around(first, "first"); });
  second.start([&] { of_second = caught_around(second, "second"); });
  // The order in which they began, not that of handlers on one stack.
  first.resume();
  second.resume();
  CAF_CHECK_EQUAL(of_first, "first");
  CAF_CHECK_EQUAL(of_second, "second");
  CAF_CHECK(std::current_exception() == nullptr);
}

CAF_TEST(an exception is not handled elsewhere while its handler is suspended) {
  fiber one;
  one.start([&] { caught_around(one, "inside"); });
  CAF_CHECK(std::current_exception() == nullptr);
  CAF_CHECK_EQUAL(std::uncaught_exceptions(), 0);
  one.resume();
}

CAF_TEST(only what was touched of a stack takes memory) {
  fiber one;
  one.start([] {});
  const auto before = one.touched();
  CAF_CHECK_GREATER(before, 0u);
  CAF_CHECK_LESS(before, fiber::stack_size / 4);
  one.start([] {
    volatile char much[fiber::stack_size / 2];
    for (std::size_t i = 0; i < sizeof much; i += 1024)
      much[i] = 1;
  });
  CAF_CHECK_GREATER(one.touched(), fiber::stack_size / 2);
}

#ifdef __SANITIZE_ADDRESS__

CAF_TEST(AddressSanitizer keeps no marks of a stack that is gone) {
  constexpr std::uintptr_t page = 4096;
  std::uintptr_t inside = 0;
  {
    fiber one;
    one.start([&] {
      const char local = 0;
      inside = reinterpret_cast<std::uintptr_t>(&local);
    });
  }
  const auto end = (inside + page) / page * page; // still on the stack
  CAF_CHECK(__asan_region_is_poisoned(reinterpret_cast<void*>(end - 2 * page), 2 * page)
            == nullptr);
}

#endif
