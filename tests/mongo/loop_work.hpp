// Work on a loop, and what came of it.
#pragma once

#include <future>
#include <memory>

#include <caf/test/unit_test.hpp>

#include "moor/mongo/fiber_loop.hpp"
#include "support/patience.hpp"

namespace moor::mongo {

/// Does work on a loop and brings its result.
template <class Work>
auto done_on(fiber_loop& loop, Work work) {
  auto promise = std::make_shared<std::promise<decltype(work())>>();
  auto result = promise->get_future();
  CAF_REQUIRE(loop.post([promise, work]() mutable { promise->set_value(work()); }));
  return result;
}

template <class T>
T come(std::future<T> result) {
  CAF_REQUIRE(result.wait_for(test::forever) == std::future_status::ready);
  return result.get();
}

} // namespace moor::mongo
