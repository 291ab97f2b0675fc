// How an operation of a test ends if it does not succeed.
#pragma once

#include <exception>
#include <stdexcept>
#include <utility>

#include "spec/observed.hpp"

namespace moor::test::spec {

/// The pool refused: what a test may expect.
class pool_refused : public std::runtime_error {
public:
  explicit pool_refused(pool_error error)
    : std::runtime_error(error.message), error_(std::move(error)) {}

  const pool_error& error() const noexcept { return error_; }

private:
  pool_error error_;
};

/// The test cannot go on, a wait took too long for instance: never what a test expects.
struct test_failed : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The test ended while a thread of it was still waiting: no fault of anybody.
struct test_over : std::exception {};

} // namespace moor::test::spec
