// A borrower's right to exactly one answer.
#pragma once

#include <utility>

#include <caf/error.hpp>
#include <caf/response_promise.hpp>

#include "moor/messages/caf_errors.hpp"

namespace moor::actors {

/// Owns a response promise. CAF never answers a promise that is dropped, so this does, whatever
/// ends its owner: a normal end, an exception, a kill. Used on its actor's thread only.
class ticket {
public:
  ticket() = default;
  explicit ticket(caf::response_promise promise) : promise_(std::move(promise)) {}
  ticket(ticket&&) noexcept = default;
  ticket& operator=(ticket&& other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  ~ticket() { refuse(make_error(errc::restarted)); }

  template <class T>
  void answer(T&& value) {
    if (promise_.pending())
      std::exchange(promise_, {}).deliver(std::forward<T>(value));
  }

  void refuse(caf::error why) {
    if (promise_.pending())
      std::exchange(promise_, {}).deliver(std::move(why));
  }

private:
  caf::response_promise promise_;
};

} // namespace moor::actors
