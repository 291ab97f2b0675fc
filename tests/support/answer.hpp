// What came back for one request.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <caf/actor.hpp>
#include <caf/error.hpp>

#include "moor/messages/caf_errors.hpp"

namespace moor::test {

/// Exactly one value or error once it was answered.
template <class T>
struct answer {
  std::vector<T> values;
  std::vector<caf::error> errors;
  caf::actor asker; ///< if the test keeps it, to kill it for instance

  std::size_t count() const { return values.size() + errors.size(); }
  bool granted() const { return values.size() == 1 && errors.empty(); }
  bool refused(errc code) const {
    return values.empty() && errors.size() == 1 && code_of(errors.front()) == code;
  }
};
template <class T>
using answer_ptr = std::shared_ptr<answer<T>>;

} // namespace moor::test
